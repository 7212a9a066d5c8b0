/** English texts of signing in by a personal link, loaded with it. */
export const enSignIn = {
  'signIn.title': 'Sign in to telephony',
  'signIn.how': 'Paste the personal sign-in link that your admin gave you. It works once.',
  'signIn.ended': 'You were signed out here. Ask your admin for a new link and paste it.',
  'signIn.link': 'Sign-in link',
  'signIn.go': 'Sign in',
  'signIn.keeps': 'This browser then stays signed in on this site.',
  'signIn.keepsTab':
    'This page does not come by https: you stay signed in until you close the tab.',
  'signIn.notLink': 'This is not a sign-in link. It looks like {example}',
  'signIn.used': 'This link was used already, or has expired. Ask your admin for a new one.',
  'signIn.out': 'Sign out of telephony here',
} as const
