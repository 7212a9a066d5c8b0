/** English texts of the settings: people, data fields, import and general settings. */
export const enPeople = {} as const
