import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { STATES, type Story } from './intake-stories.ts'

/** What is told of calls, by the stream of one supervisor, who hears everything. */
export interface Told {
  /** How long after its answer each event showed, in milliseconds. */
  readonly behindMs: readonly number[]
  /** How often the server gave a snapshot instead of what came in between. */
  readonly holes: number
  expect(story: Story): void
  accepted(story: Story, step: number): void
  /**
   * Resolves when everything that was accepted shows: each state of each call, and the case of its end. Rejects with
   * what is missing when nothing more shows for `patienceMs`.
   */
  all(): Promise<void>
  close(): void
}

interface Awaited {
  readonly story: Story
  /** When each step was answered; 0: not yet. */
  readonly acceptedAt: number[]
  /** Steps up to this one have shown. */
  shown: number
  isInCase: boolean
}

const PATIENCE_MS = 60_000
const NAMED = 5

/** Opens the stream, and again whenever the server ends it, as browsers do. */
export async function openTold(
  url: string,
  token: string,
  patienceMs: number = PATIENCE_MS,
): Promise<Told> {
  const calls = new Map<string, Awaited>()
  const behindMs: number[] = []
  let lastId: string | null = null
  let holes = 0
  let isClosed = false
  let onEmpty: (() => void) | null = null
  let cut: () => void = () => undefined

  const settle = (awaited: Awaited): void => {
    const { story, acceptedAt, shown } = awaited
    if (shown < story.steps.length || acceptedAt.includes(0)) return
    calls.delete(story.uniqueId)
    if (calls.size === 0) onEmpty?.()
  }
  const show = (awaited: Awaited, rank: number): void => {
    const now = performance.now()
    const { steps } = awaited.story
    while (awaited.shown < steps.length && steps[awaited.shown]!.rank <= rank) {
      // The end shows when the case does.
      if (awaited.shown === steps.length - 1 && !awaited.isInCase) return
      const at = awaited.acceptedAt[awaited.shown]!
      // Told before its answer came here: not behind at all.
      behindMs.push(at === 0 ? 0 : now - at)
      awaited.shown += 1
    }
    settle(awaited)
  }
  const ranks = new Map<string, number>()
  const hear = (frame: string): void => {
    const { type, id, data } = readFrame(frame)
    if (id !== null) lastId = id
    if (type === 'hello') {
      const { resumedFrom, calls: active } = JSON.parse(data)
      if (calls.size > 0 && resumedFrom === null) holes += 1
      for (const call of active) hearCall(call)
    } else if (type === 'call') hearCall(JSON.parse(data))
    else if (type === 'case') {
      const call = JSON.parse(data).message?.call
      const awaited = calls.get(call?.uniqueId)
      if (awaited === undefined || call.state !== 'ended') return
      awaited.isInCase = true
      show(awaited, ranks.get(call.uniqueId) ?? -1)
    }
  }
  const hearCall = ({ uniqueId, state }: { uniqueId: string; state: string }): void => {
    const awaited = calls.get(uniqueId)
    if (awaited === undefined) return
    const rank = Math.max(STATES.indexOf(state), ranks.get(uniqueId) ?? -1)
    ranks.set(uniqueId, rank)
    show(awaited, rank)
  }
  const follow = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers: Record<string, string> = { authorization: `Bearer ${token}` }
      if (lastId !== null) headers['last-event-id'] = lastId
      const asked = request(`${url}/api/stream`, { headers, agent: false }, (response) => {
        if (response.statusCode !== 200)
          return reject(new Error(`the stream answered ${response.statusCode}`))
        let rest = ''
        response.setEncoding('utf8').on('data', (text: string) => {
          const frames = (rest + text).split('\n\n')
          rest = frames.pop() ?? ''
          for (const frame of frames) if (!frame.startsWith(':')) hear(frame)
          resolve()
        })
        response.once('close', () => {
          if (!isClosed) follow().catch(fail)
        })
      })
      asked.on('error', (error) => {
        if (!isClosed) reject(error)
      })
      cut = () => asked.destroy()
      asked.end()
    })
  const fail = (error: unknown): void => {
    throw new Error('the stream cannot be followed', { cause: error })
  }
  await follow()
  return {
    behindMs,
    get holes() {
      return holes
    },
    expect: (story) => {
      const acceptedAt = story.steps.map(() => 0)
      calls.set(story.uniqueId, { story, acceptedAt, shown: 0, isInCase: false })
    },
    accepted: ({ uniqueId }, step) => {
      const awaited = calls.get(uniqueId)
      if (awaited === undefined) return
      awaited.acceptedAt[step] = performance.now()
      settle(awaited)
    },
    all: async () => {
      const empty = new Promise<void>((resolve) => {
        onEmpty = resolve
      })
      for (let shown = -1; calls.size > 0; ) {
        if (behindMs.length === shown) throw new Error(missingInWords(calls.values(), patienceMs))
        shown = behindMs.length
        await Promise.race([empty, pause(patienceMs, undefined, { ref: false })])
      }
    },
    close: () => {
      isClosed = true
      cut()
    },
  }
}

function missingInWords(awaited: Iterable<Awaited>, patienceMs: number): string {
  const missing = [...awaited].map(({ story: { uniqueId, steps }, shown, isInCase }) => {
    const inCase = shown === steps.length - 1 && !isInCase ? ', and no case' : ''
    return `${uniqueId} (${shown} of ${steps.length} events${inCase})`
  })
  const more = missing.length > NAMED ? ', …' : ''
  return `in ${patienceMs / 1000} s nothing more showed of ${missing.length} calls: ${missing.slice(0, NAMED).join(', ')}${more}`
}

function readFrame(frame: string): { type: string; id: string | null; data: string } {
  const fields = new Map(
    frame.split('\n').map((line) => {
      const colon = line.indexOf(': ')
      return [line.slice(0, colon), line.slice(colon + 2)] as const
    }),
  )
  return {
    type: fields.get('event') ?? 'message',
    id: fields.get('id') ?? null,
    data: fields.get('data') ?? '',
  }
}
