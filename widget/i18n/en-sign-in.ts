/** English texts of signing in by a personal link, loaded with it. */
export const enSignIn = {} as const
