import { createRandom } from './random.ts'

export type UserFormat = 'csv' | 'ndjson'

/** A file of users with bad lines in it, and what an import of it must report. */
export interface UserFile {
  readonly type: string
  readonly lines: number
  readonly good: number
  readonly bad: number
  /** The first thousand bad lines: their numbers, and how their reasons begin. */
  readonly errors: readonly { readonly line: number; readonly reason: string }[]
  content(): AsyncGenerator<Uint8Array>
}

const HEADER = 'externalId,name,email,company,phones,note'
const BAD_EVERY = 50
const MAX_ERRORS = 1000
const CHUNK_LINES = 500

/** What can be wrong with a line: how it is written, and the reason that the report gives. */
const BAD: Readonly<
  Record<UserFormat, readonly { readonly text: (id: number) => string; readonly reason: string }[]>
> = {
  csv: [
    { text: () => ',No id,,,,', reason: 'externalId is missing' },
    { text: (id) => `u${id},,,,,`, reason: 'name has 0 characters' },
    { text: (id) => `u${id},Bad phone,,,anonymous,`, reason: 'phones.0 is "anonymous"' },
    { text: (id) => `u${id},Too few`, reason: 'has 2 values, the header has 6' },
    { text: (id) => `u${id},"Open quote,,,,`, reason: 'has a quote that is not closed' },
  ],
  ndjson: [
    { text: () => '{"name":"No id"}', reason: 'externalId is missing' },
    { text: (id) => `{"externalId":"u${id}","name":""}`, reason: 'name has 0 characters' },
    { text: (id) => `{"externalId":"u${id}","name":`, reason: 'is not JSON' },
    { text: (id) => `{"externalId":"u${id}","name":7}`, reason: 'name is' },
  ],
}

/** `count` lines after the header; the same seed makes the same file. */
export function userFile(format: UserFormat, count: number, seed: number): UserFile {
  const isBad = (at: number): boolean => at % BAD_EVERY === BAD_EVERY - 1
  const badOf = (at: number) => BAD[format][Math.floor(at / BAD_EVERY) % BAD[format].length]!
  const first = format === 'csv' ? 2 : 1
  const badAt = Array.from({ length: count }, (_, at) => at).filter(isBad)
  return {
    type: format === 'csv' ? 'text/csv' : 'application/x-ndjson',
    lines: count,
    good: count - badAt.length,
    bad: badAt.length,
    errors: badAt
      .slice(0, MAX_ERRORS)
      .map((at) => ({ line: at + first, reason: badOf(at).reason })),
    async *content() {
      const random = createRandom(seed)
      if (format === 'csv') yield Buffer.from(`${HEADER}\n`)
      for (let from = 0; from < count; from += CHUNK_LINES) {
        const to = Math.min(count, from + CHUNK_LINES)
        let text = ''
        for (let at = from; at < to; at += 1) {
          text += `${isBad(at) ? badOf(at).text(at) : goodLine(format, at, random)}\n`
        }
        yield Buffer.from(text)
      }
    },
  }
}

const NAMES = ['Anna', 'Boris', 'Clara', 'Dmitri', 'Élise', 'Fatima', 'Gönül', 'Иван']
const WORKS = ['Blume', 'Stahl "Nord"', 'Vega, Ltd', 'Ромашка', 'Orbit']

function goodLine(format: UserFormat, id: number, random: () => number): string {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? ''
  const name = `${pick(NAMES)} ${Math.floor(random() * 1e6).toString(36)}`
  const phones = [`+7916${String(id).padStart(7, '0')}`]
  const user = { externalId: `u${id}`, name, email: `u${id}@example.test`, company: pick(WORKS) }
  if (format === 'ndjson') return JSON.stringify({ ...user, phones })
  const cells = [user.externalId, name, user.email, user.company, phones.join(';'), 'imported']
  return cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')
}
