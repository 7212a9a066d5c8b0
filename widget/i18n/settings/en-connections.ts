/** English texts of the settings: the connections. */
export const enConnections = {} as const
