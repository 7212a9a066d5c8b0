/** English texts of the trace of a call, loaded with it. */
export const enTrace = {} as const
