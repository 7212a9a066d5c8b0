/** English texts of sound and notifications, loaded with it. */
export const enAlerts = {} as const
