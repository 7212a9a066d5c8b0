import { fileTypeFromBuffer } from 'file-type'

/** A kind of audio file that is kept, by a fixed media type whatever the sender called it. */
export interface AudioKind {
  readonly mime: string
  readonly extension: string
}

/** So many first bytes tell what a file is. */
export const SNIFF_BYTES = 4100

/** By the extension that belongs to the content, as `file-type` names it. */
const KINDS: Readonly<Record<string, AudioKind>> = {
  wav: { mime: 'audio/wav', extension: 'wav' },
  mp3: { mime: 'audio/mpeg', extension: 'mp3' },
  ogg: { mime: 'audio/ogg', extension: 'ogg' },
  oga: { mime: 'audio/ogg', extension: 'ogg' },
  opus: { mime: 'audio/ogg', extension: 'ogg' },
  spx: { mime: 'audio/ogg', extension: 'ogg' },
  m4a: { mime: 'audio/mp4', extension: 'm4a' },
  mp4: { mime: 'audio/mp4', extension: 'm4a' },
  aac: { mime: 'audio/aac', extension: 'aac' },
  webm: { mime: 'audio/webm', extension: 'webm' },
}

/** What kind of audio the first bytes are of; null for everything that is not kept (SAFE-4). */
export async function audioKindOf(head: Uint8Array): Promise<AudioKind | null> {
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  return (found && Object.hasOwn(KINDS, found.ext) && KINDS[found.ext]) || null
}

/** The media type of a kept file, by the extension that it was given. */
export function mimeOf(key: string): string {
  const extension = key.split('.').at(-1) ?? ''
  return KINDS[extension]?.mime ?? 'application/octet-stream'
}
