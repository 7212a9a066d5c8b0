import { createHmac, timingSafeEqual } from 'node:crypto'

/** Addresses of recordings for `<audio>`, which cannot send a token: short-lived and signed. */
export interface AudioSigner {
  sign(recordingId: string, now: Date, use?: AudioUse): { path: string; expiresAt: Date }
  /** What a signed address is good for; null where it is not one of ours, or too old. */
  check(recordingId: string, query: Query, now: Date): AudioUse | null
}

/** One who may listen cannot make a download of the address. */
export type AudioUse = 'listen' | 'download'

interface Query {
  readonly use?: string
  readonly expires?: string
  readonly signature?: string
}

/** Long enough to listen to a long recording with pauses; a page asks for a new one when it plays again. */
const LIFETIME_MS = 2 * 60 * 60_000

export function createAudioSigner(key: Buffer): AudioSigner {
  const signatureOf = (recordingId: string, expires: string, use: AudioUse): Buffer =>
    createHmac('sha256', key).update(`${recordingId}\n${expires}\n${use}`).digest()
  return {
    sign: (recordingId, now, use = 'listen') => {
      const expires = String(now.getTime() + LIFETIME_MS)
      const signature = signatureOf(recordingId, expires, use).toString('base64url')
      const query = new URLSearchParams({ use, expires, signature })
      return {
        path: `/api/recordings/${encodeURIComponent(recordingId)}/audio?${query}`,
        expiresAt: new Date(Number(expires)),
      }
    },
    check: (recordingId, { use = '', expires = '', signature = '' }, now) => {
      if (use !== 'listen' && use !== 'download') return null
      if (!/^\d{13,15}$/.test(expires) || now.getTime() > Number(expires)) return null
      const found = Buffer.from(signature, 'base64url')
      const expected = signatureOf(recordingId, expires, use)
      return found.length === expected.length && timingSafeEqual(found, expected) ? use : null
    },
  }
}
