import type { IncomingMessage } from 'node:http'
import type { Context, MiddlewareHandler } from 'hono'
import type { AuditEntry } from '../../db/audit.ts'
import type { Log } from '../log.ts'
import { type AppEnv, toActor } from './access.ts'
import { sourceAddress } from './source-address.ts'

export interface AuditOptions {
  readonly append: (entry: AuditEntry) => Promise<void>
  readonly log: Log
  readonly clock: () => Date
}

/** A player asks for one recording piece by piece: what follows within this is the same listening. */
const SAME_LISTENING_MS = 15 * 60_000
const MAX_REMEMBERED = 10_000
const NOBODY = { agentId: null, keyId: null }
const MAX_FIELDS = 50
/** Ids and names of fields; what a client made up is not taken over. */
const NAME = /^[A-Za-z][\w-]{0,59}$/
const ID = /^[\w.:-]{1,100}$/

/**
 * Writes what admins change, who signs in and who listens to what, one entry a request, whatever came
 * of it. Routes say by their description that they are for it; none writes an entry by itself.
 */
export function audit(options: AuditOptions): MiddlewareHandler<AppEnv> {
  const { append, log, clock } = options
  const isRepeated = createRepeats(clock)
  return async (c, next) => {
    // Who has hung up by the end has no address any more.
    const address = addressOf(c)
    await next()
    const route = c.get('described')
    if (route === undefined || !route.isAudited) return
    const entry = await toEntry(c, { pattern: route.pattern, at: clock(), address })
    // Nobody is known: such requests changed nothing, and anybody could fill the log by them.
    if (entry.agentId === null && entry.keyId === null) return
    if (c.req.method === 'GET' && (entry.status >= 400 || isRepeated(entry))) return
    try {
      await append(entry)
    } catch (error) {
      // What was done is done; that it could not be written down must be seen by somebody.
      log.error('audit.not-written', { action: entry.action, target: entry.target, error })
    }
  }
}

async function toEntry(
  c: Context<AppEnv>,
  { pattern, at, address }: { pattern: string; at: Date; address: string },
): Promise<AuditEntry> {
  const identity = c.get('identity')
  return {
    at,
    ...(identity === null ? (c.get('actor') ?? NOBODY) : toActor(identity)),
    action: `${c.req.method} ${pattern}`,
    target: { ...idsInPath(c, pattern), ...(await idMade(c)) },
    fields: fieldNames(c),
    status: c.res.status,
    address,
  }
}

/** The ids in the address; an external id is the helpdesk's and can be an e-mail address. */
function idsInPath(c: Context<AppEnv>, pattern: string): Record<string, string> {
  const names = [...pattern.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const values = c.req.path.split('/')
  const places = pattern.split('/')
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = values[places.indexOf(`:${name}`)] ?? ''
      return name !== 'externalId' && ID.test(value) ? [[name, value]] : []
    }),
  )
}

/** The id of what was made; answers with secrets are read for this alone. */
async function idMade(c: Context<AppEnv>): Promise<Record<string, string>> {
  const { status, headers } = c.res
  if ((status !== 201 && status !== 202) || !/json/.test(headers.get('content-type') ?? '')) {
    return {}
  }
  const made: unknown = await c.res.clone().json()
  const isMade = typeof made === 'object' && made !== null && 'id' in made
  return isMade && typeof made.id === 'string' ? { made: made.id } : {}
}

/** `retention.recordingsDays`: names of the body's fields, to the second level, and no values. */
function fieldNames(c: Context<AppEnv>): readonly string[] {
  const body: unknown = c.req.valid('json' as never)
  return entriesOf(body)
    .flatMap(([name, value]) => [name, ...entriesOf(value).map(([inner]) => `${name}.${inner}`)])
    .slice(0, MAX_FIELDS)
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).filter(([name, item]) => NAME.test(name) && item !== undefined)
}

function addressOf(c: Context<AppEnv>): string {
  const incoming = (c.env as { incoming?: IncomingMessage } | undefined)?.incoming
  return incoming === undefined ? '' : sourceAddress(incoming)
}

function createRepeats(clock: () => Date): (entry: AuditEntry) => boolean {
  const heard = new Map<string, number>()
  return (entry) => {
    const key = JSON.stringify([entry.agentId, entry.keyId, entry.action, entry.target])
    const now = clock().getTime()
    const before = heard.get(key)
    if (before !== undefined && now - before < SAME_LISTENING_MS) return true
    heard.delete(key)
    heard.set(key, now)
    if (heard.size > MAX_REMEMBERED) heard.delete(heard.keys().next().value ?? key)
    return false
  }
}
