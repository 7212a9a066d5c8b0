import { lookupOf, type Resolve, resolveAllowed } from '../net/address-guard.ts'
import type { AmiAccount } from '../setup/accounts.ts'
import { type AmiSession, connectAmi } from './ami-client.ts'
import { readAmiEndpoints } from './ami-endpoints.ts'
import { AmiError, type AmiErrorCode } from './ami-error.ts'
import { allowedCommands, readAsteriskVersion, readEventClasses } from './ami-rights.ts'
import { because, causeOf, causeOfAddress } from './check-cause.ts'
import { failed, speaksTls } from './check-result.ts'
import type { CheckCode } from './check-table.ts'
import type { Check } from './pbx.ts'

export interface AmiCheckOptions extends AmiAccount {
  readonly resolve?: Resolve
  readonly timeoutMs?: number
}

/** What an error is where nothing in it says more. */
const CAUSES: Readonly<Record<AmiErrorCode, CheckCode>> = {
  unreachable: 'unreachable',
  timeout: 'unfinished',
  tls: 'tls-failed',
  'not-ami': 'not-asterisk',
  'login-refused': 'wrong-login',
  refused: 'closed',
  closed: 'closed',
  'bad-action': 'wrong-login',
}
/** How long a port may take to show that it speaks TLS. */
const TLS_QUESTION_MS = 2000

/** Which class of `write` in manager.conf is for what; one action shows whether it is there. */
const RIGHTS: readonly { readonly right: string; readonly action: string; readonly for: string }[] =
  [
    { right: 'originate', action: 'originate', for: 'dialling' },
    { right: 'call', action: 'redirect', for: 'hanging up, transferring and parking' },
    { right: 'agent', action: 'queuepause', for: 'pausing in queues' },
    { right: 'system', action: 'muteaudio', for: 'muting' },
    { right: 'reporting', action: 'coreshowchannels', for: 'reading what goes on' },
  ]

/** Tries an account out: reaches the PBX, logs in, looks at its rights (ADMIN-1). */
export async function checkAmi(options: AmiCheckOptions): Promise<Check> {
  const timeoutMs = options.timeoutMs ?? 10_000
  const place = placeOf(options)
  const { resolve } = options
  const address = await resolveAllowed(options.host, { allowPrivate: true, resolve, timeoutMs })
  if (!address.ok) return failed('ami', place, causeOfAddress(address))
  try {
    const session = await connectAmi({
      ...options,
      lookup: lookupOf(address),
      eventMask: 'off',
      connectTimeoutMs: timeoutMs,
      actionTimeoutMs: timeoutMs,
      // Login, rights and lists together: an endless answer to each must not add up.
      signal: AbortSignal.timeout(2 * timeoutMs),
      onEvent: () => undefined,
      onClose: () => undefined,
    })
    try {
      return await lookAround(session, options)
    } finally {
      session.close()
    }
  } catch (error) {
    if (!(error instanceof AmiError)) throw error
    const cause = causeOf(error) ?? because(CAUSES[error.code], wordsOf(error))
    const isOdd = !options.tls && /^(closed|silent|not-asterisk)$/.test(cause.checkCode)
    const limit = Math.min(timeoutMs, TLS_QUESTION_MS)
    const isTls = isOdd && (await speaksTls({ ...options, address, timeoutMs: limit }))
    return failed('ami', place, isTls ? because('tls-needed') : cause)
  }
}

/** What the account is good for. */
async function lookAround(session: AmiSession, options: AmiCheckOptions): Promise<Check> {
  const version = await readAsteriskVersion(session)
  const allowed = await allowedCommands(session).catch(noneAllowed)
  const readClasses = await readEventClasses(session, options.userName, allowed)
  const endpoints = await readAmiEndpoints(session, allowed)
  const name = version === null ? `AMI ${session.version}` : `Asterisk ${version}`
  const unheard = readClasses === null ? [] : missingOf(readClasses)
  if (options.events && unheard.includes('call')) {
    const cause = because(
      'no-rights',
      `${name}; the PBX tells this account of no calls: read lacks ${unheard.join(',')}`,
    )
    return failed('ami', placeOf(options), cause)
  }
  const missing = RIGHTS.filter(({ action }) => !allowed.has(action))
  if (missing.length === 0) return { ok: true, code: 'ok', message: name, hint: '', endpoints }
  const message = `${name}; this account may not do everything`
  return { ok: true, code: 'no-rights', message, hint: hintFor(missing), endpoints }
}

function placeOf({ host, port }: Pick<AmiCheckOptions, 'host' | 'port'>): string {
  return `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`
}

/** Of the classes that calls and queues are told by, those that `read` of the account does not have. */
function missingOf(classes: ReadonlySet<string>): readonly string[] {
  return classes.has('all') ? [] : ['call', 'agent'].filter((each) => !classes.has(each))
}

/** The PBX's words for a login that it refuses; of others nothing is shown. */
function wordsOf(error: AmiError): string {
  if (error.code === 'login-refused') return error.message.slice(0, 200)
  return error.code === 'bad-action' ? 'they must be one line of text' : 'the connection failed'
}

/** Never what somebody who is no PBX answered (SAFE-5). */
export function reasonOf(error: AmiError): string {
  return error.code === 'not-ami'
    ? 'what answers there is not the manager interface'
    : error.message
}

function noneAllowed(error: unknown): ReadonlySet<string> {
  if (error instanceof AmiError && error.code === 'refused') return new Set()
  throw error
}

/** What the account may not do, and which rights are missing (CTL-1). */
function hintFor(missing: typeof RIGHTS): string {
  const rights = missing.map(({ right }) => right).join(',')
  const cannot = missing.map((each) => each.for).join('; ')
  return `Events work. Not allowed to this account: ${cannot}. In manager.conf it lacks write = ${rights}`
}
