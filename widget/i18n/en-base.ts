/** English texts that pop-ups and everything in the panel share. */
export const enBase = {
  anonymous: 'Anonymous caller',
  noName: 'No name',
  yes: 'Yes',
  no: 'No',
  loading: 'Loading…',
  more: { one: '{count} more', other: '{count} more' },

  'popup.close': 'Close this notification everywhere',
  'popup.gaveUp': 'The caller gave up',
  'popup.personal': 'Personal call',
  'popup.queue': 'Queue {queue}',
  'popup.internal': 'Internal call',
  'popup.unknown': 'Unknown caller',
  'popup.hidden': 'The number is hidden',
  'popup.several': { one: '{count} user has this number', other: '{count} users have this number' },
  'popup.missed': { one: '{count} open missed call', other: '{count} open missed calls' },
  'popup.lastCase': 'Last case',
  'popup.announce': 'Incoming call: {name}, {number}',
  'popup.announceNumber': 'Incoming call: {number}',

  'status.open': 'Open',
  'status.pending': 'Pending',
  'status.closed': 'Closed',

  'panel.label': 'Calls',

  'error.unknown': 'Something went wrong. Try again.',
  'error.offline': 'The telephony server was not reached. Check the connection and try again.',
  'error.signedOut': 'You are signed out of telephony. Reload the page to sign in again.',
  'error.forbidden': 'You may not do this. Ask an admin if you should.',
  'error.gone': 'This is not there any more.',
  'error.conflict': 'Somebody else was first. You see how it is now.',
  'error.busy': 'Too much at once. Try again in a moment.',
  'error.server': 'The telephony server has a problem. Try again in a moment.',
  'error.notAnswered': 'The call has not been answered yet.',
} as const
