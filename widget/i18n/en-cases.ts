/** English texts of the list of cases and the missed-call desk, loaded with it. */
export const enCases = {} as const
