import { createHmac, timingSafeEqual } from 'node:crypto'

/** Addresses of recordings for `<audio>`, which cannot send a token: short-lived and signed. */
export interface AudioSigner {
  /** `by`: whom the address is made for, so that the audit log knows who listened. */
  sign(recordingId: string, now: Date, by: Listener, use?: AudioUse): SignedAudio
  /** What a signed address is good for, and whose; null where it is none of ours, or too old. */
  check(
    recordingId: string,
    query: Query,
    now: Date,
  ): { readonly use: AudioUse; readonly by: Listener } | null
}

interface SignedAudio {
  readonly path: string
  readonly expiresAt: Date
}

/** An agent, or a program by its key. */
interface Listener {
  readonly agentId: string | null
  readonly keyId: string | null
}

/** One who may listen cannot make a download of the address. */
export type AudioUse = 'listen' | 'download'

interface Query {
  readonly use?: string
  readonly agent?: string
  readonly key?: string
  readonly expires?: string
  readonly signature?: string
}

/** Long enough to listen to a long recording with pauses; a page asks for a new one when it plays again. */
const LIFETIME_MS = 2 * 60 * 60_000

export function createAudioSigner(key: Buffer): AudioSigner {
  const signatureOf = (
    recordingId: string,
    expires: string,
    use: AudioUse,
    { agentId, keyId }: Listener,
  ): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([recordingId, expires, use, agentId, keyId]))
      .digest()
  return {
    sign: (recordingId, now, by, use = 'listen') => {
      const expires = String(now.getTime() + LIFETIME_MS)
      const signature = signatureOf(recordingId, expires, use, by).toString('base64url')
      const query = new URLSearchParams({
        use,
        ...(by.agentId === null ? {} : { agent: by.agentId }),
        ...(by.keyId === null ? {} : { key: by.keyId }),
        expires,
        signature,
      })
      return {
        path: `/api/recordings/${encodeURIComponent(recordingId)}/audio?${query}`,
        expiresAt: new Date(Number(expires)),
      }
    },
    check: (recordingId, query, now) => {
      const { use = '', expires = '', signature = '' } = query
      if (use !== 'listen' && use !== 'download') return null
      if (!/^\d{13,15}$/.test(expires) || now.getTime() > Number(expires)) return null
      const found = Buffer.from(signature, 'base64url')
      const by = { agentId: query.agent ?? null, keyId: query.key ?? null }
      const expected = signatureOf(recordingId, expires, use, by)
      const isOurs = found.length === expected.length && timingSafeEqual(found, expected)
      return isOurs ? { use, by } : null
    },
  }
}
