/** English texts that are needed at once: those of the launcher. An object is a text with plural forms, chosen by `count`. */
export const en = {
  'panel.open': 'Open calls',
  'panel.openMissed': {
    one: 'Open calls, {count} missed call',
    other: 'Open calls, {count} missed calls',
  },
  'state.away': 'Away',
  'state.wrap-up': 'Wrap-up',
  'state.offline': 'Offline',
  'connection.waiting': 'No connection to the telephony server. Trying again…',
  'part.missing': 'Telephony was updated. Reload this page.',
  'connection.blocked': 'This page does not let telephony connect. Tell whoever looks after it.',
  'connection.signIn': 'Sign in to telephony',
  'connection.refused': 'You are signed out of telephony. Reload the page to sign in again.',
} as const
