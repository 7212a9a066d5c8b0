/**
 * The load generator, a process of its own: it plays calls into webhooks and says how long answers took, and how
 * long after its answer each event showed in the stream. Started by `playLoad`; it reads one job and ends.
 */
import { createRandom } from '../support/random.ts'
import { type Line, openLine } from './intake-line.ts'
import { createDialplanClock, createStories, type Story } from './intake-stories.ts'
import { openTold, type Told } from './intake-told.ts'
import type { LoadJob, LoadResult } from './play-load.ts'

interface Play {
  readonly story: Story
  step: number
}

/** So many calls go on at the same time: their events come mixed, at a given rate about a second apart. */
const OPEN_CALLS = 400

process.once('message', (job) => {
  play(job as LoadJob).then(
    (result) => process.send!(result, () => process.disconnect()),
    (error: unknown) => {
      throw error
    },
  )
})

async function play(job: LoadJob): Promise<LoadResult> {
  const told = job.streamToken === null ? null : await openTold(job.url, job.streamToken)
  const lost = (why: string): never => {
    throw new Error(`a request had no answer: ${why}`)
  }
  const lines = await Promise.all(
    Array.from({ length: job.inFlight }, () => openLine(job.url, lost)),
  )
  const cpu = process.cpuUsage()
  const begin = performance.now()
  const calls = createCalls(job, told)
  const { latencies, failures } = await (job.rate === null
    ? closedLoop(lines, calls)
    : openLoop(lines, calls, job))
  const answered = performance.now()
  await told?.all()
  const end = performance.now()
  const { user, system } = process.cpuUsage(cpu)
  for (const line of lines) line.close()
  told?.close()
  return {
    requests: latencies.length,
    failures,
    answeredMs: answered - begin,
    toldMs: end - begin,
    cpuMs: (user + system) / 1000,
    answer: spread(latencies),
    behind: told === null ? null : spread(told.behindMs),
    holes: told?.holes ?? 0,
  }
}

interface Calls {
  /** The next event to send; null where there is none, for good or until an answer comes. */
  next(): Play | null
  post(line: Line, play: Play, onAnswer: (isTaken: boolean) => void): void
  /** No more calls begin. */
  finish(): void
  isOver(): boolean
}

/** Of some hundred calls that go on, one at random has its next event; each waits for its answers. */
function createCalls(job: LoadJob, told: Told | null): Calls {
  const tellNext = createStories(job.seed, job.calls, job.firstCall)
  const random = createRandom(job.seed + 1)
  const now = createDialplanClock()
  const ready: Play[] = []
  let begun = 0
  let open = 0
  let limit = job.calls
  const most = Math.min(OPEN_CALLS, job.rate ?? OPEN_CALLS)
  const begin = (): Play => {
    const story = tellNext()
    told?.expect(story)
    begun += 1
    open += 1
    return { story, step: 0 }
  }
  return {
    next: () => {
      if (begun < limit && (open < most || ready.length === 0)) return begin()
      if (ready.length === 0) return null
      const at = Math.floor(random() * ready.length)
      const play = ready[at]!
      ready[at] = ready.at(-1)!
      ready.pop()
      return play
    },
    post: (line, play, onAnswer) => {
      const { story, step } = play
      const body = `datetime=${now()}&${story.steps[step]!.fields}`
      line.post(job.paths[story.connection % job.paths.length]!, body, (status) => {
        told?.accepted(story, step)
        play.step += 1
        if (play.step < story.steps.length) ready.push(play)
        else open -= 1
        onAnswer(status === 200)
      })
    },
    finish: () => {
      limit = begun
    },
    isOver: () => begun >= limit && open === 0,
  }
}

interface Played {
  readonly latencies: number[]
  readonly failures: number
}

/** As many on their way as there are lines, until all calls are over. */
function closedLoop(lines: readonly Line[], calls: Calls): Promise<Played> {
  const latencies: number[] = []
  let failures = 0
  return new Promise((resolve) => {
    const idle: Line[] = [...lines]
    const pump = (): void => {
      while (idle.length > 0) {
        const play = calls.next()
        if (play === null) break
        const line = idle.shift()!
        const sent = performance.now()
        calls.post(line, play, (isTaken) => {
          latencies.push(performance.now() - sent)
          if (!isTaken) failures += 1
          idle.push(line)
          pump()
        })
      }
      if (calls.isOver()) resolve({ latencies, failures })
    }
    pump()
  })
}

/** Events at their own times, whatever the server does: an answer's time counts from when it was due. */
function openLoop(lines: readonly Line[], calls: Calls, job: LoadJob): Promise<Played> {
  const { rate, seconds, seed } = job
  const latencies: number[] = []
  const random = createRandom(seed + 2)
  const idle: Line[] = [...lines]
  const due: number[] = []
  let failures = 0
  const send = (): void => {
    while (idle.length > 0 && due.length > 0) {
      const play = calls.next()
      if (play === null) {
        // The last calls wait for their answers.
        due.length = 0
        return
      }
      // In turns: a server closes a connection that nobody uses for some seconds.
      const line = idle.shift()!
      const dueAt = due.shift()!
      calls.post(line, play, (isTaken) => {
        latencies.push(performance.now() - dueAt)
        if (!isTaken) failures += 1
        idle.push(line)
        send()
      })
    }
  }
  return new Promise((resolve) => {
    const begin = performance.now()
    let nextAt = begin
    const timer = setInterval(() => {
      const now = performance.now()
      for (; nextAt <= now; nextAt += (-Math.log(1 - random()) * 1000) / rate!) due.push(nextAt)
      if (now - begin > seconds * 1000) calls.finish()
      send()
      if (!calls.isOver()) return
      clearInterval(timer)
      resolve({ latencies, failures })
    }, 1)
  })
}

function spread(values: readonly number[]): LoadResult['answer'] {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 }
}
