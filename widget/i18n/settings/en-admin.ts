/** English texts of the settings: webhooks, keys, audit log and privacy. */
export const enAdmin = {} as const
