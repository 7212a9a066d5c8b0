/** What an admin has typed about a connection, and what of it the server has to be told. Pure. */
import type { Connection } from './contract.ts'

export interface AriDraft {
  readonly url: string
  readonly userName: string
  /** '': the stored one stays. */
  readonly password: string
  readonly events: boolean
  readonly verifyTls: boolean
}
export interface AmiDraft {
  readonly host: string
  readonly port: string
  readonly userName: string
  readonly secret: string
  readonly events: boolean
  readonly tls: boolean
  readonly verifyTls: boolean
}
export type Timeout = keyof Connection['timeouts']
export interface Draft {
  readonly name: string
  readonly timeZone: string
  readonly country: string
  readonly ari: AriDraft | null
  readonly ami: AmiDraft | null
  readonly internalCalls: boolean
  readonly recordings: boolean
  /** As typed, in seconds. */
  readonly timeouts: Readonly<Record<Timeout, string>>
  readonly phrases: readonly (readonly [phrase: string, alias: string])[]
  readonly options: Options
}
/** AMI-5; names of packet fields as typed, parted by commas or spaces. */
export interface Options {
  readonly filePath: string
  readonly originateContext: string
  readonly parkingLotContext: string
  readonly queueExtensionFormat: string
  readonly packetInfoConfig: string
  readonly autoPauseOnCommutationStart: boolean
  readonly asyncOriginate: boolean
  readonly sendRingStartedOnRingingState: boolean
  readonly traceQueuesState: boolean
}

export const EMPTY_ARI: AriDraft = {
  url: '',
  userName: 'ringside',
  password: '',
  events: true,
  verifyTls: true,
}
export const EMPTY_AMI: AmiDraft = {
  host: '',
  port: '',
  userName: 'ringside',
  secret: '',
  events: true,
  tls: false,
  verifyTls: true,
}

export function newDraft(timeZone: string, country: string): Draft {
  return {
    name: '',
    timeZone,
    country,
    ari: null,
    ami: null,
    internalCalls: false,
    recordings: true,
    timeouts: { ringingSeconds: '300', queueSeconds: '3600', answeredSeconds: '14400' },
    phrases: [],
    options: readOptions({}),
  }
}

/** The connection as a form shows it. */
export function draftOf(connection: Connection): Draft {
  const { name, timeZone, country, ari, ami, internalCalls, recordings, timeouts } = connection
  return {
    name,
    timeZone,
    country,
    ari: ari === null ? null : { ...EMPTY_ARI, ...known(ari, EMPTY_ARI) },
    ami: ami === null ? null : { ...EMPTY_AMI, ...known(ami, EMPTY_AMI), port: portText(ami) },
    internalCalls,
    recordings,
    timeouts: {
      ringingSeconds: String(timeouts.ringingSeconds),
      queueSeconds: String(timeouts.queueSeconds),
      answeredSeconds: String(timeouts.answeredSeconds),
    },
    phrases: Object.entries(connection.phrases),
    options: readOptions(connection.options),
  }
}

const portText = ({ port }: Readonly<Record<string, unknown>>): string =>
  typeof port === 'number' ? String(port) : ''

/** Those of the account's values that are of the kind that the form has. */
function known<T extends object>(account: Readonly<Record<string, unknown>>, empty: T): Partial<T> {
  const same = Object.entries(account).filter(
    ([key, value]) => typeof value === typeof (empty as Record<string, unknown>)[key],
  )
  return Object.fromEntries(same) as Partial<T>
}

function readOptions(options: Readonly<Record<string, unknown>>): Options {
  const text = (key: string): string => (typeof options[key] === 'string' ? options[key] : '')
  const names = options.packetInfoConfig
  return {
    filePath: text('filePath'),
    originateContext: text('originateContext'),
    parkingLotContext: text('parkingLotContext'),
    queueExtensionFormat: text('queueExtensionFormat'),
    packetInfoConfig: Array.isArray(names) ? names.join(', ') : '',
    autoPauseOnCommutationStart: options.autoPauseOnCommutationStart === true,
    asyncOriginate: options.asyncOriginate !== false,
    sendRingStartedOnRingingState: options.sendRingStartedOnRingingState === true,
    traceQueuesState: options.traceQueuesState === true,
  }
}

/** What `POST` and `PATCH` take of a draft, part by part. */
function toBody(draft: Draft): Readonly<Record<string, unknown>> {
  const { ari, ami, options } = draft
  return {
    name: draft.name.trim(),
    timeZone: draft.timeZone,
    country: draft.country,
    ari: ari === null ? null : toAri(ari),
    ami: ami === null ? null : toAmi(ami),
    internalCalls: draft.internalCalls,
    recordings: draft.recordings,
    timeouts: Object.fromEntries(
      Object.entries(draft.timeouts).map(([key, text]) => [key, numberOf(text)]),
    ),
    phrases: Object.fromEntries(draft.phrases.filter(([phrase]) => phrase.trim() !== '')),
    options: { ...options, packetInfoConfig: words(options.packetInfoConfig) },
  }
}

export function toAri({ password, ...rest }: AriDraft): Readonly<Record<string, unknown>> {
  return {
    ...rest,
    url: rest.url.trim(),
    userName: rest.userName.trim(),
    ...(password && { password }),
  }
}

export function toAmi({ secret, port, ...rest }: AmiDraft): Readonly<Record<string, unknown>> {
  return {
    ...rest,
    host: rest.host.trim(),
    userName: rest.userName.trim(),
    port: port.trim() === '' ? defaultPort(rest.tls) : numberOf(port),
    ...(secret && { secret }),
  }
}

export const defaultPort = (tls: boolean): number => (tls ? 5039 : 5038)

/** What is no number goes as it is: the server says at which field. */
function numberOf(text: string): number | string {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : text
}

const words = (text: string): string[] => text.split(/[\s,;|]+/).filter((one) => one !== '')

/** What each form saves. */
export const PBX_PARTS = [
  'name',
  'timeZone',
  'country',
  'internalCalls',
  'recordings',
  'timeouts',
  'phrases',
] as const
export const LINK_PARTS = ['ari', 'ami', 'options'] as const
type Part = keyof Draft

/** Those of the parts that are not as the server has them; null where all are. */
export function changesOf(
  draft: Draft,
  connection: Connection | null,
  parts: readonly Part[] = [...PBX_PARTS, ...LINK_PARTS],
): Readonly<Record<string, unknown>> | null {
  const body = toBody(draft)
  const before = connection === null ? null : toBody(draftOf(connection))
  const changed = parts.filter(
    (part) => JSON.stringify(body[part]) !== JSON.stringify(before?.[part]),
  )
  return changed.length === 0 ? null : Object.fromEntries(changed.map((part) => [part, body[part]]))
}

/** After a form was saved: as the server has it, what is typed in the other form stays. */
export function afterSaving(draft: Draft, saved: Connection, parts: readonly Part[]): Draft {
  const fresh = draftOf(saved)
  const stored = parts.map((part) => [part, fresh[part]] as const)
  return { ...draft, ...Object.fromEntries(stored) }
}

/** All that was typed is there: the account can be tried out. */
export function isComplete(kind: 'ari' | 'ami', draft: Draft, connection: Connection | null) {
  const { ari, ami } = draft
  const asks = asksPassword(kind, draft, connection)
  if (kind === 'ari') {
    if (ari === null || !isAddress(ari.url) || ari.userName.trim() === '') return false
    return ari.password !== '' || !asks
  }
  if (ami === null || ami.host.trim() === '' || ami.userName.trim() === '') return false
  return ami.secret !== '' || !asks
}

/** The stored password goes to the host that it was written for, and to no other (SAFE-5). */
export function asksPassword(
  kind: 'ari' | 'ami',
  { ari, ami }: Draft,
  connection: Connection | null,
): boolean {
  const stored = connection?.[kind] ?? null
  if (stored === null) return true
  if (kind === 'ari') {
    return ari !== null && (withScheme(ari.url) !== stored.url || ari.userName !== stored.userName)
  }
  if (ami === null) return false
  const { host, port, tls, userName } = toAmi(ami)
  return (
    host !== stored.host ||
    port !== stored.port ||
    tls !== (stored.tls ?? false) ||
    userName !== stored.userName
  )
}

/** `https` unless `http://` is written (ADMIN-1). */
export function withScheme(url: string): string {
  const text = url.trim()
  return /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`
}

function isAddress(url: string): boolean {
  return url.trim() !== '' && URL.canParse(withScheme(url))
}
