const MAX_EXTENSIONS = 500
const MAX_LENGTH = 80

/**
 * A list of extensions as dialplans write it: separated by commas, spaces, `&`, `|` or `;`, or the
 * field repeated; `PJSIP/101`, `SIP/101-0000001f`, `Local/101@from-queue/n` mean 101 (CALL-3).
 */
export function parseExtensions(values: readonly string[]): readonly string[] {
  // One number, as most of them are.
  if (values.length === 1 && /^\d{1,20}$/.test(values[0]!)) return values
  const found = values.flatMap((value) => value.split(/[,\s&|;]+/)).map(toExtension)
  return [...new Set(found.filter((extension) => extension !== ''))].slice(0, MAX_EXTENSIONS)
}

/** One extension, without the technology, channel number and context around it. */
export function toExtension(text: string): string {
  const found = /^(?:[a-z][a-z0-9_]*)\/(.+)$/i.exec(text.trim())
  const bare = found === null ? text.trim() : stripChannel(found[1] ?? '')
  // A plus that a form made of the space between two extensions.
  return bare.replace(/^\+(?=\d{1,6}$)/, '').slice(0, MAX_LENGTH)
}

/** True for the name of a channel or an interface, such as `PJSIP/101-0000001f`. */
export function isChannelName(text: string): boolean {
  return /^[a-z][a-z0-9_]*\/[^\s/]/i.test(text.trim())
}

function stripChannel(resource: string): string {
  return resource
    .replace(/[@/].*$/, '')
    .replace(/-[0-9a-f]{8,}(?:;\d)?$/i, '')
    .replace(/;\d$/, '')
}
