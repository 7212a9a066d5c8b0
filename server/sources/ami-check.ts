import { lookupOf, type Resolve, resolveAllowed } from '../net/address-guard.ts'
import type { AmiAccount } from '../setup/accounts.ts'
import { connectAmi } from './ami-client.ts'
import { AmiError, type AmiErrorCode } from './ami-error.ts'
import { allowedCommands, readAsteriskVersion } from './ami-rights.ts'
import type { Check } from './pbx.ts'

export interface AmiCheckOptions extends AmiAccount {
  readonly resolve?: Resolve
  readonly timeoutMs?: number
}

const CLOSED: Hint = {
  code: 'unreachable',
  hint: 'The PBX closed the connection: look at permit, deny and acl of the account in manager.conf, and at allowmultiplelogin in its [general] section.',
}

interface Hint {
  readonly code: string
  readonly hint: string
}

const HINTS: Readonly<Record<AmiErrorCode, Hint>> = {
  unreachable: {
    code: 'unreachable',
    hint: 'Check host and port (5038, with TLS 5039), and that nothing in between blocks it: manager.conf needs enabled = yes and a bindaddr that is reachable from here; with TLS tlsenable = yes and tlsbindaddr.',
  },
  timeout: {
    code: 'unreachable',
    hint: 'The PBX, or a firewall before it, does not answer. Check the port, and bindaddr in manager.conf.',
  },
  tls: {
    code: 'tls',
    hint: 'The certificate is not one that can be trusted, or the port does not speak TLS. Give the manager interface a certificate for this name (tlscertfile in manager.conf), or allow a self-signed one in this connection. Without TLS the port is 5038.',
  },
  'not-ami': {
    code: 'not-ami',
    hint: 'Something answers there, but it is not the manager interface: check the port (5038, with TLS 5039), and that TLS is set as the port expects it.',
  },
  'login-refused': {
    code: 'login-refused',
    hint: 'Check user name and secret: manager.conf needs a section [user name] with this secret, whose permit and deny let this server in; then "manager reload".',
  },
  refused: CLOSED,
  closed: CLOSED,
  'bad-action': {
    code: 'login-refused',
    hint: 'User name and secret must be one line of text.',
  },
}

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
  const address = await resolveAllowed(options.host, {
    allowPrivate: true,
    resolve: options.resolve,
    timeoutMs: options.timeoutMs,
  })
  if (!address.ok) {
    const hint = 'Check the host: a name that the PBX is known by here, or its address.'
    return { ok: false, code: 'unreachable', message: address.message, hint }
  }
  try {
    const session = await connectAmi({
      ...options,
      lookup: lookupOf(address),
      eventMask: 'off',
      connectTimeoutMs: options.timeoutMs ?? 10_000,
      onEvent: () => undefined,
      onClose: () => undefined,
    })
    try {
      const version = await readAsteriskVersion(session)
      const allowed = await allowedCommands(session).catch(noneAllowed)
      const message = version === null ? `AMI ${session.version}` : `Asterisk ${version}`
      return { ok: true, code: 'ok', message, hint: hintFor(allowed) }
    } finally {
      session.close()
    }
  } catch (error) {
    if (!(error instanceof AmiError)) throw error
    return { ok: false, message: reasonOf(error), ...HINTS[error.code] }
  }
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
function hintFor(allowed: ReadonlySet<string>): string {
  const missing = RIGHTS.filter(({ action }) => !allowed.has(action))
  if (missing.length === 0) return ''
  const rights = missing.map(({ right }) => right).join(',')
  const cannot = missing.map((each) => each.for).join('; ')
  return `Events work. Not allowed to this account: ${cannot}. In manager.conf it lacks write = ${rights}`
}
