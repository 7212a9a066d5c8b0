import { databaseTrouble, isPassingTrouble } from '../../db/trouble.ts'

const TRIES = 3

/** Does a transaction again that the database could not do just now, such as after a deadlock. */
export async function again<T>(transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await transaction()
    } catch (error) {
      const mayPass = isPassingTrouble(error) && databaseTrouble(error) !== 'away'
      if (!mayPass || tries >= TRIES) throw error
    }
  }
}
