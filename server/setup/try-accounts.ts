import type { ConnectionRecord } from '../../db/connections.ts'
import { RingsideError } from '../errors.ts'
import type { Seal } from '../seal.ts'
import { type ConnectionAccounts, readAccounts } from './accounts.ts'
import { type ConnectionChange, changeConnection } from './edit-connection.ts'
import { newConnection } from './new-connection.ts'

/** Accounts as they stand in a form, saved or not. */
export type AccountsInForm = Pick<ConnectionChange, 'ari' | 'ami'>

/** What is said where passwords cannot be opened. */
export const SEALED =
  'The passwords of this connection were kept with another RINGSIDE_SECRET: write them again, or start Ringside with the earlier secret.'

/**
 * The accounts of a form, ready to be tried out; nothing is saved. The password of `saved` stands in
 * for one that is left out, as long as host, port, protocol and user are the same (ADMIN-1, SAFE-5).
 */
export function accountsInForm(
  form: AccountsInForm,
  saved: ConnectionRecord | null,
  seal: Seal,
  now: Date,
): ConnectionAccounts {
  const { ari = null, ami = null } = form
  if (ari === null && ami === null) {
    const message = 'is missing: expected ari, ami or both'
    throw new RingsideError('bad-input', `ari ${message}`, { errors: [{ path: 'ari', message }] })
  }
  const base = saved ?? newConnection(NAMELESS, seal, now)
  // What the form does not have is not tried out.
  const shown: ConnectionRecord = {
    ...base,
    ...(ari === null ? { ari: null, ariSealed: null } : {}),
    ...(ami === null ? { ami: null, amiSealed: null } : {}),
  }
  const change: AccountsInForm = {
    ...(ari === null ? {} : { ari: withEvents(ari, base.ari) }),
    ...(ami === null ? {} : { ami: withEvents(ami, base.ami) }),
  }
  return open(changeConnection(shown, change, seal, now), seal)
}

const NAMELESS = { id: 'in-a-form', name: '', timeZone: 'UTC', country: 'US' }

/** Whether calls come by an account may be left out: then it is tried out as if they did. */
function withEvents<T extends { readonly events?: boolean | undefined }>(
  account: T,
  saved: object | null,
): T {
  return saved === null && account.events === undefined ? { ...account, events: true } : account
}

function open(record: ConnectionRecord, seal: Seal): ConnectionAccounts {
  try {
    return readAccounts(record, seal)
  } catch (error) {
    throw new RingsideError('conflict', SEALED, {}, error)
  }
}
