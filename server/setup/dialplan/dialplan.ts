import { readyContexts } from './contexts.ts'
import { freepbxContexts } from './freepbx.ts'
import { subroutines } from './subroutines.ts'
import { comment, type Encoding, type Flavour, wordsOf } from './words.ts'

/** What a dialplan is made for. */
export interface DialplanOptions {
  /** The connection's name. */
  readonly name: string
  readonly webhookUrl: string
  readonly timeZone: string
  readonly recordings: boolean
  readonly flavour: Flavour
  readonly encoding: Encoding
  /** A bare Asterisk, or FreePBX, which writes most of the dialplan itself. */
  readonly system: 'plain' | 'freepbx'
  /** As the PBX says it, such as `16.28.0`; null where it is not known. */
  readonly version: string | null
}

/** The dialplan that tells Ringside of one connection's calls and recordings (ADMIN-3). */
export function createDialplan(options: DialplanOptions): string {
  const { system, encoding, timeZone, recordings } = options
  const version = majorOf(options.version)
  // FreePBX has Gosub in every version: the flavour says how it calls its own hooks.
  const words = wordsOf(system === 'freepbx' ? 'gosub' : options.flavour)
  const webhookUrl = toDialplanText(options.webhookUrl)
  const lines = [
    ...comment(heading(options)),
    '',
    ...comment('=== 1. The subroutines ==='),
    ...subroutines({ words, encoding, webhookUrl, timeZone, recordings }),
    ...(system === 'freepbx'
      ? freepbxContexts(options)
      : readyContexts({ words, version, recordings })),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

/** The major version in what an Asterisk says of itself; null where it says none. */
export function majorOf(version: string | null): number | null {
  const found = /(?:^|[^\d.])(\d{1,3})(?:\.\d|$|[^\d.])/.exec(version ?? '')?.[1]
  return found === undefined ? null : Number(found)
}

function heading({
  name,
  flavour,
  encoding,
  system,
  version,
  webhookUrl,
}: DialplanOptions): string {
  const shown = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp};]+/gu, ' ').slice(0, 100)
  const file =
    system === 'freepbx'
      ? '/etc/asterisk/extensions_custom.conf'
      : 'the end of /etc/asterisk/extensions.conf'
  const how = flavour === 'macro' ? 'Macro' : 'Gosub'
  const values = encoding === 'uri' ? 'URL-encoded' : 'sent as they are'
  const modules = [
    'func_curl',
    'res_curl',
    ...(encoding === 'uri' ? ['func_uri'] : []),
    ...(flavour === 'macro' && system === 'plain' ? ['app_macro'] : []),
  ]
  return `
Ringside: calls and recordings of "${shown}".
For ${version === null ? 'an Asterisk of unknown version' : `Asterisk ${version}`}, with ${how}; values are ${values}.

Paste it unchanged into ${file}, then: asterisk -rx "dialplan reload"
The address below is the password of this connection: keep the file from strangers.
It needs the modules ${modules.join(', ')}, and for recordings the program curl.${localNote(webhookUrl)}`
}

function localNote(webhookUrl: string): string {
  const { hostname } = new URL(webhookUrl)
  if (!/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)) return ''
  return `
NOTE: the address below is one of this machine only. Unless Ringside runs beside Asterisk, start it
with PUBLIC_URL set to an address that the PBX reaches, and take the dialplan again.`
}

/** An address as it can stand within an application's arguments and within quotes of a shell. */
function toDialplanText(url: string): string {
  return new URL(url).href.replace(
    /[^\w:/.~%?=@+[\]-]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
