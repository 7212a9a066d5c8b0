import { type FieldError, RingsideError } from '../errors.ts'
import { readXmlText } from '../xml-text.ts'
import type { ConnectionChange } from './edit-connection.ts'

type AmiChange = NonNullable<ConnectionChange['ami']>

/** What an `<asterisk … />` element says of a manager account and of the options (AMI-5). */
export interface AsteriskElement {
  readonly ami: AmiChange | null
  readonly options: Readonly<Record<string, unknown>>
}

const TEXTS = ['filePath', 'originateContext', 'parkingLotContext', 'queueExtensionFormat'] as const
const SWITCHES = [
  'autoPauseOnCommutationStart',
  'asyncOriginate',
  'sendRingStartedOnRingingState',
  'traceQueuesState',
] as const
const ACCOUNT = ['url', 'port', 'userName', 'secret'] as const
const LIST = 'packetInfoConfig'
const NAMES = [...TEXTS, ...SWITCHES, ...ACCOUNT, LIST]

const ATTRIBUTE = /([A-Za-z][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/gy
const MAX_LENGTH = 20_000

/**
 * Reads the attributes of such an element, pasted as they are: with or without the element around
 * them. Names are compared without case; attributes that this product does not have are left out.
 */
export function parseAsteriskElement(text: string): AsteriskElement {
  const found = readAttributes(text)
  const options: Record<string, unknown> = {}
  for (const name of TEXTS) {
    const value = found.get(name)
    if (value !== undefined) options[name] = value
  }
  for (const name of SWITCHES) {
    const value = found.get(name)
    if (value !== undefined) options[name] = readSwitch(name, value)
  }
  const names = found.get(LIST)
  if (names !== undefined) options[LIST] = names.split(/[\s,;|]+/).filter((each) => each !== '')
  return { ami: readAccount(found), options }
}

function readAttributes(text: string): ReadonlyMap<string, string> {
  if (text.length > MAX_LENGTH) throw refuse(`is longer than ${MAX_LENGTH} characters`)
  const inner = text
    .trim()
    .replace(/^<\s*asterisk(?=[\s/>])/i, '')
    .replace(/(?:\/\s*>|>\s*(?:<\/\s*asterisk\s*>)?)$/i, '')
  const known = new Map(NAMES.map((name) => [name.toLowerCase(), name]))
  const found = new Map<string, string>()
  let at = 0
  while (at < inner.length) {
    const space = /\s*/y
    space.lastIndex = at
    space.test(inner)
    at = space.lastIndex
    if (at >= inner.length) break
    ATTRIBUTE.lastIndex = at
    const match = ATTRIBUTE.exec(inner)
    if (match === null) {
      // Not what stands there: it can be the secret.
      throw refuse(`cannot be read at character ${at + 1} of its attributes, expected name="value"`)
    }
    at = ATTRIBUTE.lastIndex
    const name = known.get((match[1] ?? '').toLowerCase())
    if (name !== undefined) found.set(name, readXmlText(match[2] ?? match[3] ?? ''))
  }
  return found
}

function readSwitch(name: string, value: string): boolean {
  const text = value.trim().toLowerCase()
  if (['true', '1', 'yes', 'on'].includes(text)) return true
  if (['false', '0', 'no', 'off', ''].includes(text)) return false
  throw refuse(`${name} is "${value.slice(0, 40)}", expected "true" or "false"`)
}

/** `url` is a host, or an address such as `tcp://pbx:5038` or `tls://pbx`. */
function readAccount(found: ReadonlyMap<string, string>): AmiChange | null {
  const url = found.get('url')?.trim() ?? ''
  const port = found.get('port')?.trim() ?? ''
  const [userName, secret] = [found.get('userName'), found.get('secret')]
  if (url === '' && port === '' && userName === undefined && secret === undefined) return null
  const address = /^(?:([a-z][a-z\d+.-]*):\/\/)?(\[[^\]]+\]|[^:/\s]+)?(?::(\d+))?\/*$/i.exec(url)
  if (address === null) throw refuse(`url is "${url.slice(0, 100)}", expected a host`)
  const [, scheme = '', host = '', ownPort = ''] = address
  const isTls = /^(?:tls|ssl|https|amis)$/i.test(scheme)
  const number = port || ownPort
  if (number !== '' && !(Number(number) >= 1 && Number(number) <= 65_535)) {
    throw refuse(`port is "${number.slice(0, 20)}", expected a number up to 65535`)
  }
  return {
    ...(host === '' ? {} : { host }),
    ...(number === '' ? (isTls ? { port: 5039 } : {}) : { port: Number(number) }),
    ...(scheme === '' ? {} : { tls: isTls }),
    ...(userName === undefined ? {} : { userName }),
    ...(secret === undefined ? {} : { secret }),
  }
}

function refuse(message: string): RingsideError {
  const errors: FieldError[] = [{ path: 'options', message }]
  return new RingsideError('bad-input', `options ${message}`, { errors })
}
