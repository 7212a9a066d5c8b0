import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { wavOf } from '../support/wav.ts'
import { ADMIN_KEY } from './server.ts'

/** Recordings and imports that come while there is no place for them. */
export interface Uploads {
  go(url: string, signal: AbortSignal): Promise<void>
  /** One of each, which now has to be taken. */
  must(url: string): Promise<void>
  readonly refused: () => number
  readonly badAnswers: () => readonly string[]
  /** What was taken: the sum of each recording's bytes, by its unique id. */
  readonly taken: ReadonlyMap<string, string>
}

const SAMPLES = 40_000
const IMPORTED = 2000
const EVERY_MS = 150

export function createUploads(path: string, random: () => number): Uploads {
  const taken = new Map<string, string>()
  const bad: string[] = []
  let refused = 0
  let count = 0

  const note = async (what: string, answer: Response | null, good: number): Promise<boolean> => {
    const text = answer === null ? 'no answer' : await answer.text()
    if (answer?.status === good) return true
    if (answer?.status === 503) refused += 1
    else bad.push(`${what}: ${answer?.status ?? ''} ${text.slice(0, 120)}`)
    return false
  }
  const record = async (url: string): Promise<boolean> => {
    count += 1
    const uniqueId = `recorded.${count}`
    const samples = Int16Array.from({ length: SAMPLES }, () => random() * 20_000)
    const file = wavOf(samples)
    const form = new FormData()
    form.set('status', 'record')
    form.set('unique_id', uniqueId)
    form.set('record', new Blob([file]), 'call.wav')
    const answer = await fetch(`${url}${path}`, { method: 'POST', body: form }).catch(() => null)
    const isTaken = await note(`recording ${uniqueId}`, answer, 200)
    if (isTaken) taken.set(uniqueId, createHash('sha256').update(file).digest('hex'))
    return isTaken
  }
  const bring = async (url: string): Promise<boolean> => {
    const lines = Array.from({ length: IMPORTED }, (_, index) =>
      JSON.stringify({ externalId: `u${index}`, name: `Somebody ${index} of ${count}` }),
    )
    const answer = await fetch(`${url}/api/users/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    }).catch(() => null)
    return note('import', answer, 202)
  }
  return {
    go: async (url, signal) => {
      while (!signal.aborted) {
        await Promise.all([record(url), bring(url)])
        await pause(EVERY_MS)
      }
    },
    must: async (url) => {
      if (!(await record(url)))
        throw new Error(`a recording is still refused: ${bad.at(-1) ?? 503}`)
      if (!(await bring(url))) throw new Error(`an import is still refused: ${bad.at(-1) ?? 503}`)
    },
    refused: () => refused,
    badAnswers: () => bad,
    taken,
  }
}
