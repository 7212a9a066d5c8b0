import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Reading } from './stream-client.ts'
import type { Heard, Kind, Order, Report } from './stream-clients.ts'

/** Clients of the stream in processes of their own. */
export interface StreamLoad extends AsyncDisposable {
  open(kind: Kind, port: number, tokens: readonly string[]): Promise<void>
  /** All lose their connection at once, and cannot come back. */
  drop(kind: Kind): Promise<void>
  /** All come back with their last ids: with their next attempt, as the widget does, or in this instant. */
  comeBack(isAtOnce: boolean): Promise<void>
  /** Resolves when everybody has a stream; rejects after `patienceMs`. */
  up(patienceMs: number): Promise<void>
  /** How some of them read from now on; gives the ports of their connections. */
  read(how: Reading, clients: readonly number[]): Promise<readonly number[]>
  /** Resolves when everybody who reads has heard this number; rejects after `patienceMs`. */
  hear(kind: Kind, sequence: number, patienceMs: number): Promise<void>
  /** What was heard since the last report. */
  report(): Promise<Report>
}

/** Of so many clients a process of their own. */
const PER_PROCESS = 5000
const AT_ONCE = 24
/** What a process has open besides. */
const OTHER_FILES = 500

export function createStreamLoad(clients: number): StreamLoad {
  const path = fileURLToPath(new URL('./stream-clients.ts', import.meta.url))
  const children = Array.from({ length: Math.ceil(clients / PER_PROCESS) }, () =>
    createChild(fork(path, { serialization: 'advanced' })),
  )
  const toAll = <T>(order: Order): Promise<T[]> =>
    Promise.all(children.map((child) => child.ask<T>(order)))
  const report = async (): Promise<Report> => join(await toAll<Report>({ do: 'report' }))
  const within = async (work: Promise<unknown>, patienceMs: number, what: string) => {
    const late = new AbortController()
    const inTime = work.then(() => true)
    const isDone = await Promise.race([inTime, pause(patienceMs, false, late)]).finally(() =>
      late.abort(),
    )
    if (!isDone) throw new Error(`${what} after ${patienceMs} ms: ${inWords(await report())}`)
  }
  return {
    open: async (kind, port, tokens) => {
      const shares = children.map((_, at) =>
        tokens.flatMap((token, index) =>
          index % children.length === at ? [{ index, token }] : [],
        ),
      )
      const atOnce = Math.ceil(AT_ONCE / children.length)
      await Promise.all(
        children.map((child, at) =>
          child.ask({ do: 'open', kind, port, clients: shares[at] ?? [], atOnce }),
        ),
      )
    },
    drop: async (kind) => void (await toAll({ do: 'drop', kind })),
    comeBack: async (isAtOnce) => void (await toAll({ do: 'return', isAtOnce })),
    up: (patienceMs) => within(toAll({ do: 'up' }), patienceMs, 'not all clients have a stream'),
    read: async (how, some) =>
      (await toAll<readonly number[]>({ do: 'read', how, clients: some })).flat(),
    hear: (kind, sequence, patienceMs) =>
      within(
        toAll({ do: 'hear', kind, sequence }),
        patienceMs,
        `not all clients heard number ${sequence}`,
      ),
    report,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(children.map((child) => child.end()))
    },
  }
}

/** How many files this process, and those that it starts, may have open. */
export function openFilesAllowed(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8')
  const hard = /^Max open files +\d+ +(\d+|unlimited)/m.exec(limits)?.[1] ?? '0'
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)
}

/** Why so many clients cannot be had here; null: they can. */
export function whyNotSoMany(clients: number): string | null {
  const needed = clients + OTHER_FILES
  const allowed = openFilesAllowed()
  if (allowed >= needed) return null
  return `ulimit -Hn is ${allowed}, and the server needs ${needed} for ${clients} clients`
}

function createChild(child: ChildProcess): {
  ask<T>(order: Order): Promise<T>
  end(): Promise<void>
} {
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(e: Error): void }>()
  let number = 0
  child.on('message', (said: { number: number; answer: unknown }) => {
    waiting.get(said.number)?.resolve(said.answer)
    waiting.delete(said.number)
  })
  child.once('exit', (code) => {
    for (const each of waiting.values()) each.reject(new Error(`clients ended with ${code}`))
  })
  return {
    ask: <T>(order: Order) =>
      new Promise<T>((resolve, reject) => {
        number += 1
        waiting.set(number, { resolve: (answer) => resolve(answer as T), reject })
        child.send({ number, order })
      }),
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

function inWords({ all, up, ended, cutOff, wrong }: Report): string {
  const heard = all.stream.map(({ sequence, times }) => `number ${sequence} by ${times.length}`)
  return [
    `heard ${heard.join(', ') || 'nothing'}`,
    `${up} have a stream, of ${ended} it ended, ${cutOff.length} were cut off`,
    ...wrong.slice(0, 3),
  ].join('; ')
}

function join(reports: readonly Report[]): Report {
  const heard = (kind: Kind): Heard[] => {
    const bySequence = Map.groupBy(
      reports.flatMap((report) => report.all[kind]),
      ({ sequence }) => sequence,
    )
    return [...bySequence].map(([sequence, parts]) => ({
      sequence,
      times: Float64Array.from(parts.flatMap(({ times }) => [...times])).sort(),
    }))
  }
  const sum = (of: (report: Report) => number): number =>
    reports.reduce((total, report) => total + of(report), 0)
  return {
    all: { stream: heard('stream'), plain: heard('plain') },
    one: reports.flatMap(({ one }) => one),
    back: reports.flatMap(({ back }) => back).sort((a, b) => a - b),
    up: sum(({ up }) => up),
    wrong: reports.flatMap(({ wrong }) => wrong),
    wrongCount: sum(({ wrongCount }) => wrongCount),
    ended: sum(({ ended }) => ended),
    cutOff: reports.flatMap(({ cutOff }) => cutOff),
  }
}
