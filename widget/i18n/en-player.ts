/** English texts of the recording player, loaded with it. */
export const enPlayer = {} as const
