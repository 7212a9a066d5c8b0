/**
 * A process full of clients of the stream, told by its parent what to do: one that opened ten thousand by itself
 * would take the core that the server needs, and half of the files that a process may have open.
 */
import { type Client, createClient, type Ledger, now, type Reading } from './stream-client.ts'

export type Kind = 'stream' | 'plain'

export type Order =
  | {
      readonly do: 'open'
      readonly kind: Kind
      readonly port: number
      readonly clients: readonly { readonly index: number; readonly token: string }[]
      /** So many connect at the same time. */
      readonly atOnce: number
    }
  | { readonly do: 'drop'; readonly kind: Kind }
  /** The network is there again. */
  | { readonly do: 'return'; readonly isAtOnce: boolean }
  | { readonly do: 'read'; readonly how: Reading; readonly clients: readonly number[] }
  /** Until everybody who reads has heard this number. */
  | { readonly do: 'hear'; readonly kind: Kind; readonly sequence: number }
  /** Until everybody has a stream. */
  | { readonly do: 'up' }
  | { readonly do: 'report' }

export interface Heard {
  readonly sequence: number
  readonly times: Float64Array
}

export interface Report {
  /** Since the last report. */
  readonly all: Readonly<Record<Kind, readonly Heard[]>>
  readonly one: readonly { client: number; uniqueId: string; at: number }[]
  /** When each was back after `return`. */
  readonly back: readonly number[]
  readonly up: number
  readonly wrong: readonly string[]
  readonly wrongCount: number
  readonly ended: number
  readonly cutOff: readonly number[]
}

const MAX_WRONG = 50
const CHECK_MS = 5

const clients: Record<Kind, Map<number, Client>> = { stream: new Map(), plain: new Map() }
const held = new Set<number>()
const all: Record<Kind, Map<number, number[]>> = { stream: new Map(), plain: new Map() }
const kept = { one: [] as { client: number; uniqueId: string; at: number }[] }
let back: number[] = []
let wrong: string[] = []
let wrongCount = 0
let ended = 0
let cutOff: number[] = []

function ledgerOf(kind: Kind): Ledger {
  return {
    heardAll: (client, sequence, at) => {
      if (held.has(client)) return
      const times = all[kind].get(sequence)
      if (times === undefined) all[kind].set(sequence, [at])
      else times.push(at)
    },
    heardOne: (client, uniqueId, at) => void kept.one.push({ client, uniqueId, at }),
    wrong: (what) => {
      wrongCount += 1
      if (wrong.length < MAX_WRONG) wrong.push(what)
    },
    lost: (client, how) => {
      if (how === 'ended') ended += 1
      else cutOff.push(client)
    },
  }
}

async function open(order: Extract<Order, { do: 'open' }>): Promise<void> {
  const ledger = ledgerOf(order.kind)
  const waiting = order.clients.values()
  const openNext = async (): Promise<void> => {
    for (const { index, token } of waiting) {
      await new Promise<void>((resolve) => {
        const client = createClient(index, order, token, ledger, () => {
          back.push(now())
          resolve()
        })
        clients[order.kind].set(index, client)
        client.open()
      })
    }
  }
  await Promise.all(Array.from({ length: order.atOnce }, openNext))
  back = []
}

function until(isTrue: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!isTrue()) return
      clearInterval(timer)
      resolve()
    }, CHECK_MS)
  })
}

/** Those that read. */
function readers(kind: Kind): Client[] {
  return [...clients[kind]].filter(([index]) => !held.has(index)).map(([, client]) => client)
}

function report(): Report {
  const take = (kind: Kind): Heard[] => {
    const heard = [...all[kind]].map(([sequence, times]) => ({
      sequence,
      times: Float64Array.from(times),
    }))
    all[kind].clear()
    return heard
  }
  const up = [...clients.stream.values()].filter((client) => client.isUp()).length
  const made = {
    all: { stream: take('stream'), plain: take('plain') },
    one: kept.one,
    back,
    up,
    wrong,
    wrongCount,
    ended,
    cutOff,
  }
  kept.one = []
  back = []
  wrong = []
  wrongCount = 0
  ended = 0
  cutOff = []
  return made
}

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'open':
      return open(order)
    case 'drop':
      for (const client of clients[order.kind].values()) client.drop()
      return
    case 'return':
      back = []
      for (const client of clients.stream.values()) client.comeBack(order.isAtOnce)
      return
    case 'read':
      return order.clients.flatMap((index) => {
        const client = clients.stream.get(index)
        if (client === undefined) return []
        if (order.how !== 'all') held.add(index)
        return client.read(order.how)
      })
    case 'hear': {
      const listening = readers(order.kind)
      return until(() => listening.every((client) => (client.sequence() ?? -1) >= order.sequence))
    }
    case 'up': {
      const listening = readers('stream')
      return until(() => listening.every((client) => client.isUp()))
    }
    case 'report':
      return report()
  }
}

process.on('message', ({ number, order }: { number: number; order: Order }) => {
  void obey(order).then((answer) => process.send?.({ number, answer }))
})
process.on('disconnect', () => process.exit())
