import type { Db } from '../../db/database.ts'
import type { ErasurePlan } from '../../db/erasures.ts'
import { holdersOf } from '../../db/people.ts'
import { loadSettings } from '../../db/settings.ts'
import { loadUsers, type User } from '../../db/users.ts'
import { personKey, toPhone } from '../calls/phone.ts'
import { numberForms } from './person-text.ts'

/** Who goes, who only loses a number, and how both are found. */
export interface People {
  readonly goes: readonly User[]
  readonly stays: readonly User[]
  readonly phoneKeys: readonly string[]
  readonly numbers: readonly string[]
  readonly words: readonly string[]
}

/**
 * By a user: this one, and the numbers that nobody else has. By a number: who has it, if that is one;
 * of several nobody knows who asked, so all of them lose the number and nothing else.
 */
export async function peopleMeant(tx: Db, { target }: ErasurePlan): Promise<People> {
  if ('userId' in target) return wholePerson(tx, await loadUsers(tx, [target.userId]), [])
  const phone = toPhone(target.phone, (await loadSettings(tx)).country)
  const key = personKey(phone)
  if (key === null) return { goes: [], stays: [], phoneKeys: [], numbers: [], words: [] }
  const holders = await loadUsers(tx, await holdersOf(tx, [key]))
  if (holders.length === 1) return wholePerson(tx, holders, [{ ...phone, key }])
  const numbers = numberForms(phone)
  return { goes: [], stays: holders, phoneKeys: [key], numbers, words: [] }
}

async function wholePerson(tx: Db, goes: readonly User[], more: User['phones']): Promise<People> {
  const ids = goes.map(({ id }) => id)
  const own: User['phones'][number][] = []
  for (const phone of [...goes.flatMap(({ phones }) => phones), ...more]) {
    const holders = await holdersOf(tx, [phone.key])
    if (holders.every((id) => ids.includes(id))) own.push(phone)
  }
  return {
    goes,
    stays: [],
    phoneKeys: [...new Set(own.map(({ key }) => key))],
    numbers: [...new Set(own.flatMap(numberForms))],
    words: goes.flatMap(({ name, email }) => (email === null ? [name] : [name, email])),
  }
}
