/** English texts of agents' states, needed wherever colleagues are shown. */
export const enTeam = {
  'state.free': 'Free',
  'state.busy': 'Busy',
  'state.away': 'Away',
  'state.wrap-up': 'Wrap-up',
  'state.offline': 'Offline',
  'state.with': '{state}: {reason}',
  'state.left': '{state} {duration}',
} as const
