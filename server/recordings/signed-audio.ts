import { createHmac, timingSafeEqual } from 'node:crypto'

/** Addresses of recordings for `<audio>`, which cannot send a token: short-lived and signed. */
export interface AudioSigner {
  sign(recordingId: string, now: Date): { path: string; expiresAt: Date }
  isValid(recordingId: string, query: { expires?: string; signature?: string }, now: Date): boolean
}

/** Long enough to listen to a long recording with pauses; a page asks for a new one when it plays again. */
const LIFETIME_MS = 2 * 60 * 60_000

export function createAudioSigner(key: Buffer): AudioSigner {
  const signatureOf = (recordingId: string, expires: string): Buffer =>
    createHmac('sha256', key).update(`${recordingId}\n${expires}`).digest()
  return {
    sign: (recordingId, now) => {
      const expires = String(now.getTime() + LIFETIME_MS)
      const signature = signatureOf(recordingId, expires).toString('base64url')
      return {
        path: `/api/recordings/${encodeURIComponent(recordingId)}/audio?expires=${expires}&signature=${signature}`,
        expiresAt: new Date(Number(expires)),
      }
    },
    isValid: (recordingId, { expires = '', signature = '' }, now) => {
      if (!/^\d{13,15}$/.test(expires) || now.getTime() > Number(expires)) return false
      const found = Buffer.from(signature, 'base64url')
      const expected = signatureOf(recordingId, expires)
      return found.length === expected.length && timingSafeEqual(found, expected)
    },
  }
}
