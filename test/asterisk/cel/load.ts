import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Phone } from '../phones.ts'
import type { Asterisk } from '../rig.ts'

/** Phones that call all at once, each kind of call at a pace of its own. */
export interface Load {
  /** Makes so many calls, spread over `overMs`; resolves when the callers are done, or given up. */
  call(count: number, overMs: number): Promise<void>
  close(): Promise<void>
}

type Caller =
  | { readonly by: 'customer'; readonly line: number; readonly what: readonly string[] }
  | { readonly by: '103' | '106'; readonly what: readonly string[] }

/** Of a hundred calls, how many are of this kind, and who calls. */
const KINDS: readonly (readonly [share: number, caller: Caller])[] = [
  // 101 answers, the customer hangs up
  [22, { by: 'customer', line: 1, what: ['call', '74951000101', '3'] }],
  // 102 only rings, the customer gives up
  [16, { by: 'customer', line: 2, what: ['call', '74951000102', '1', '2'] }],
  // a queue: 104 answers and hangs up, while 102 rings too
  [16, { by: 'customer', line: 3, what: ['call', '74951000300', '30'] }],
  // a queue where nobody answers
  [12, { by: 'customer', line: 4, what: ['call', '74951000200', '3'] }],
  // 105 answers and sends the customer to 101
  [12, { by: 'customer', line: 5, what: ['call', '74951000105', '6'] }],
  [14, { by: '103', what: ['dial', '[field0]', '3', '10'] }],
  [8, { by: '106', what: ['dial', '[field0]', '1', '2'] }],
]
const PATIENCE_MS = 12_000
const LONG = '7200'
const RIG = join(import.meta.dirname, '../rig/etc')

/** Queues whose members take several calls at a time, and who is in them. */
export function queuesConf(): string {
  return readFileSync(join(RIG, 'queues.conf'), 'utf8')
    .replaceAll('ringinuse = no', 'ringinuse = yes')
    .replace(/^member => PJSIP\/10[13],.*\n/gm, '')
    .replace('member => PJSIP/105,0,Elena Agent', 'member => PJSIP/102,0,Boris Agent')
}

/** Phones that wait for calls, and a way to make them. */
export async function startLoad(asterisk: Asterisk, signal: AbortSignal): Promise<Load> {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-load-'))
  let called = 0
  const many = { CALLS: '1000000', PHONE_LIMIT: LONG, NO_REGISTER: '1' }
  const waiting = [
    asterisk.phones(signal, { ...many, TRUNK: 'raw', LINE: '0' }),
    asterisk.phones(signal, { ...many, TRUNK: 'enc', LINE: '0' }),
  ] as const
  await registerAll(asterisk, signal)
  const [raw, enc] = waiting
  const phones = await Promise.all([
    raw.agent('101', 'answer', '0.7', '60'),
    raw.agent('102', 'ring', '60'),
    raw.agent('104', 'answer', '0.7', '3'),
    raw.agent('105', 'transfer', '0.7', '1', '101'),
    raw.customer('customer', 'answer', '0.7', '60'),
    enc.customer('customer', 'ring', '60'),
  ])
  // A port that was taken ends a phone at once.
  const gone = await Promise.race([
    Promise.race(phones.map((phone) => phone.over)),
    later(500, signal).then(() => null),
  ])
  if (gone !== null) throw new Error(`a phone that should wait has ended: ${gone}`)
  /** Every call of the run has a customer of its own. */
  const numbersFor = (count: number): string => {
    const file = join(folder, `${called}.csv`)
    const rows = Array.from({ length: count }, (_, at) => `${79_160_000_001 + called + at};`)
    called += count
    writeFileSync(file, `SEQUENTIAL\n${rows.join('\n')}\n`)
    return file
  }
  return {
    async call(count, overMs) {
      const phones = KINDS.map(([share, caller]) => {
        const calls = Math.max(1, Math.round((count * share) / 100))
        const more = {
          CALLS: String(calls),
          PACE: `-r ${calls} -rp ${overMs}`,
          NUMBERS: numbersFor(calls),
          NO_REGISTER: '1',
          ...(caller.by === 'customer' ? { LINE: String(caller.line) } : {}),
        }
        return { caller, phones: asterisk.phones(signal, more) }
      })
      const started = await Promise.all(
        phones.map(
          ({ caller, phones: own }): Promise<Phone> =>
            caller.by === 'customer'
              ? own.customer('[field0]', ...caller.what)
              : own.agent(caller.by, ...caller.what),
        ),
      )
      // Callers of a PBX that was killed wait for long.
      const over = Promise.all(started.map((phone) => phone.over))
      await Promise.race([over, later(overMs + PATIENCE_MS, signal)])
      await Promise.all(phones.map(({ phones: own }) => own.end()))
    },
    async close() {
      await Promise.all(waiting.map((phones) => phones.end()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Once: Asterisk keeps who is registered over its restarts. */
async function registerAll(asterisk: Asterisk, signal: AbortSignal): Promise<void> {
  const phones = asterisk.phones(signal)
  const agents = await Promise.all(
    ['101', '102', '104', '105'].map((extension) => phones.agent(extension, 'register')),
  )
  const said = await Promise.all(agents.map((phone) => phone.over))
  const trouble = said.find((words) => words !== null)
  if (trouble !== undefined) throw new Error(`a phone did not register: ${trouble}`)
}

function later(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}
