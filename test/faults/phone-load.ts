import { Agent, request } from 'node:http'
import { bodyOf, createPeople, type Person, type Sent, type TestCall } from './people.ts'

/** People who call all the time, whatever happens to the server. */
export interface PhoneLoad {
  /** Every request so far. */
  readonly sent: readonly Sent[]
  readonly people: readonly Person[]
  /** Events that were due while everybody waited for an answer: so many fewer than `rate` comes to. */
  notTold(): number
  /** Tells `rate` events per second at random times until `signal`; then waits for its answers. */
  play(url: string, rate: number, round: number, signal: AbortSignal): Promise<void>
  /** Tells what is left of the calls that have begun. */
  finish(url: string, round: number): Promise<void>
}

interface Going {
  readonly person: Person
  readonly steps: readonly { readonly call: TestCall; readonly status: TestCall['steps'][number] }[]
  next: number
}

/** So many people at a time: the events of their calls come mixed. */
const MOST_GOING = 120
/** No answer within this time is a failure of the server, not of the line. */
const PATIENCE_MS = 20_000
const TICK_MS = 2

/** `path`: of the webhook. */
export function createPhoneLoad(path: string, random: () => number): PhoneLoad {
  const nextPerson = createPeople(random)
  const people: Person[] = []
  const sent: Sent[] = []
  const ready: Going[] = []
  let [going, notTold] = [0, 0]

  const begin = (): Going => {
    const person = nextPerson()
    people.push(person)
    going += 1
    const steps = person.calls.flatMap((call) => call.steps.map((status) => ({ call, status })))
    return { person, steps, next: 0 }
  }
  const take = (): Going | null => {
    if (going < MOST_GOING && (ready.length === 0 || random() < 0.5)) return begin()
    if (ready.length === 0) return null
    return ready.splice(Math.floor(random() * ready.length), 1)[0] ?? null
  }
  /** As a dialplan does: one after another, and never a second time. */
  const tell = async (url: string, agent: Agent, each: Going, round: number): Promise<void> => {
    const { call, status } = each.steps[each.next]!
    each.next += 1
    const { uniqueId } = call
    const sentAt = performance.now()
    const one: Sent = { uniqueId, status, round, sentAt, answer: null, lost: null }
    sent.push(one)
    one.answer = await post(`${url}${path}`, agent, bodyOf(each.person, call, status), (why) => {
      one.lost = why
    })
    if (each.next < each.steps.length) ready.push(each)
    else going -= 1
  }
  return {
    sent,
    people,
    notTold: () => notTold,
    play: async (url, rate, round, signal) => {
      const agent = new Agent({ keepAlive: true })
      const underWay = new Set<Promise<void>>()
      await paced(rate, random, signal, () => {
        const each = take()
        if (each === null) {
          notTold += 1
          return
        }
        const work = tell(url, agent, each, round)
        underWay.add(work)
        void work.finally(() => underWay.delete(work))
      })
      await Promise.all(underWay)
      agent.destroy()
    },
    finish: async (url, round) => {
      const agent = new Agent({ keepAlive: true })
      const finishOne = async (each: Going): Promise<void> => {
        while (each.next < each.steps.length) await tell(url, agent, each, round)
      }
      await Promise.all(ready.splice(0).map(finishOne))
      ready.length = 0
      going = 0
      agent.destroy()
    },
  }
}

/** Calls `each` at random times, `rate` a second, until `signal`. */
function paced(
  rate: number,
  random: () => number,
  signal: AbortSignal,
  each: () => void,
): Promise<void> {
  return new Promise((resolve) => {
    let nextAt = performance.now()
    const timer = setInterval(() => {
      if (signal.aborted) {
        clearInterval(timer)
        resolve()
        return
      }
      const now = performance.now()
      for (; nextAt <= now; nextAt += (-Math.log(1 - random()) * 1000) / rate) each()
    }, TICK_MS)
  })
}

/**
 * Null where the connection was lost or refused before there was an answer. One that was kept, and that the server
 * ended as the request went out, is told on another one, as `CURL` does.
 */
export function post(
  url: string,
  agent: Agent,
  body: string,
  onLost: (why: string) => void = () => undefined,
): Promise<Sent['answer']> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const asked = request(url, { method: 'POST', agent, headers, timeout: PATIENCE_MS })
    const lose = (why: string): void => {
      onLost(why)
      resolve(null)
    }
    asked.once('timeout', () => asked.destroy(new Error('no answer')))
    asked.once('error', (error: NodeJS.ErrnoException) => {
      const isStale = asked.reusedSocket && error.code === 'ECONNRESET'
      if (isStale) resolve(post(url, agent, body, onLost))
      else lose(error.message)
    })
    asked.once('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.once('error', (error) => lose(error.message))
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, text, at: performance.now() }),
      )
      // A server that is killed in the middle of an answer has not given it.
      response.once('aborted', () => lose('cut off within the answer'))
    })
    asked.end(body)
  })
}
