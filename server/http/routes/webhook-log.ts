import type { IncomingMessage } from 'node:http'
import type { ConnectionLogEntry } from '../../../db/connection-log.ts'
import type { Log } from '../../log.ts'
import { hintOfNotice } from '../../sources/notice-hint.ts'
import type { Refusal } from '../../sources/refusal.ts'
import { sourceAddress } from '../source-address.ts'

type Fields = ReadonlyMap<string, readonly string[]>

interface LoggedRequest {
  readonly incoming: IncomingMessage
  readonly connection: { readonly id: string }
  readonly token: string
  readonly arrivedAt: Date
}

/** Writes what was refused to the connection's log; no answer waits for it (CALL-7). */
export interface RefusalLog {
  ofRequest(request: LoggedRequest, fields: Fields, refusal: Refusal): void
  ofNotice(request: LoggedRequest, fields: Fields, notice: string): void
  ofBrowser(incoming: IncomingMessage, connectionId: string): void
  /** The fields as received, without secrets, within bounds. */
  shown(request: LoggedRequest, fields: Fields): Readonly<Record<string, string>>
}

export interface RefusalLogOptions {
  readonly appendLog: (entry: ConnectionLogEntry) => Promise<void>
  readonly log: Log
  readonly clock: () => Date
}

const MAX_WRITING = 50
const MAX_FIELDS = 50
const MAX_VALUE = 1000
const SECRET_FIELD = /pass(?:word|wd)?|secret|token|api_?key|auth|credential/i

export function createRefusalLog({ appendLog, log, clock }: RefusalLogOptions): RefusalLog {
  let writing = 0
  const append = (entry: ConnectionLogEntry): void => {
    // A flood of nonsense must not fill the memory while the database is slow.
    if (writing >= MAX_WRITING) {
      log.warn('webhook.refusal-not-kept', { connectionId: entry.connectionId })
      return
    }
    writing += 1
    Promise.resolve()
      .then(() => appendLog(entry))
      .catch((error: unknown) => {
        log.warn('webhook.refusal-not-kept', { connectionId: entry.connectionId, error })
      })
      .finally(() => {
        writing -= 1
      })
  }
  const shown: RefusalLog['shown'] = ({ token }, fields) => showFields(fields, token)
  const add = (request: LoggedRequest, fields: Fields, refusal: Refusal): void =>
    append({
      connectionId: request.connection.id,
      at: request.arrivedAt,
      kind: 'refused',
      reason: refusal.reason.replaceAll(request.token, '***'),
      hint: refusal.hint,
      source: sourceAddress(request.incoming),
      fields: shown(request, fields),
    })
  return {
    shown,
    ofRequest: (request, fields, refusal) => {
      log.info('webhook.refused', { connectionId: request.connection.id, field: refusal.field })
      add(request, fields, refusal)
    },
    ofNotice: (request, fields, notice) =>
      add(request, fields, {
        field: '',
        reason: notice,
        hint: hintOfNotice(notice),
      }),
    ofBrowser: (incoming, connectionId) =>
      append({
        connectionId,
        at: clock(),
        kind: 'refused',
        reason: 'the request came from a browser (header Origin or Sec-Fetch-*)',
        hint: 'Only a PBX sends events: use the address in the dialplan, and rotate the token if a page has it.',
        source: sourceAddress(incoming),
        fields: {},
      }),
  }
}

/** The fields of events come again and again. */
const NO_SECRETS = new Set(['datetime', 'unique_id', 'status', 'from_user', 'to_user', 'queue'])

function isSecret(name: string): boolean {
  return !NO_SECRETS.has(name) && SECRET_FIELD.test(name)
}

function showFields(fields: Fields, token: string): Readonly<Record<string, string>> {
  const shown: Record<string, string> = {}
  let count = 0
  // None of them is called `__proto__`: whatever collects fields leaves that out.
  for (const [name, values] of fields) {
    if (count === MAX_FIELDS) break
    count += 1
    const told = values.length === 1 ? values[0]! : values.join(', ')
    const value = isSecret(name) ? '***' : told.replaceAll(token, '***')
    shown[name] = value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}…` : value
  }
  return shown
}
