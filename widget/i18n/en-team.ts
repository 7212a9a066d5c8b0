/** English texts of agents' states, needed wherever colleagues are shown. */
export const enTeam = {
  'state.free': 'Free',
  'state.busy': 'Busy',
  'state.with': '{state}: {reason}',
  'state.left': '{state} {duration}',
} as const
