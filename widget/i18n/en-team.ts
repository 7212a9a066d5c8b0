/** English texts of agents' states, needed wherever colleagues are shown. */
export const enTeam = {
  'state.free': 'Free',
  'state.busy': 'Busy',
  'state.with': '{state}: {reason}',
  'colleague.hint': 'A call between colleagues.',
  'colleague.noCase': 'A call between colleagues: no case is made of it.',
  'state.left': '{state} {duration}',
} as const
