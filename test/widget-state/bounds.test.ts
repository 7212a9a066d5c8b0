import assert from 'node:assert/strict'
import test from 'node:test'
import { emptyState, type Message, reduce, type State } from '../../widget/client/state.ts'
import { createPlayedCalls } from '../bench/played-calls.ts'
import { createRandom, pickSeed } from '../support/random.ts'
import { ME } from '../widget/fake-server.ts'

/** What of it grows with calls, and to how many. */
const BOUNDS: Partial<Record<keyof State, number>> = {
  calls: 60,
  cases: 750,
  dismissed: 200,
  drafts: 60,
  loads: 500,
  marks: 5,
  messages: 5,
  unsure: 5,
  users: 200,
  withdrawn: 200,
}

test('PERF-7 after 2,000 calls the state holds no more than a busy hour', () => {
  const seed = pickSeed()
  const calls = createPlayedCalls(createRandom(seed))
  let state = reduce(emptyState, { type: 'me', me: ME })
  for (let i = 0; i < 2_000; i += 1) {
    for (const step of calls.next()) for (const told of step) state = withEvent(state, told)
    state = reduce(state, { type: 'dismissed', callId: `call-${i}` })
    state = reduce(state, { type: 'load', key: `user:${i}`, state: 'done' })
    state = reduce(state, { type: 'tick', now: Date.now() })
    state = withWithdrawn(state, calls.case(`case-${i}`), String(i))
  }
  for (const [key, most] of Object.entries(BOUNDS) as [keyof State, number][]) {
    const size = sizeOf(state[key])
    assert.ok(size <= most, `${key} holds ${size}, at most ${most} (seed ${seed})`)
  }
  const bounded = new Set(Object.keys(BOUNDS))
  for (const [key, value] of Object.entries(state)) {
    if (bounded.has(key) || typeof value !== 'object' || value === null) continue
    assert.ok(sizeOf(value) < 20, `${key} grows with calls and has no bound`)
  }
})

test('CASE-3 what is typed and not saved outlives any number of other drafts', () => {
  const draft = { subject: '', essence: 'half a', updatedAt: null, updatedBy: null }
  let state = reduce(emptyState, {
    type: 'draft',
    callId: 'mine',
    draft: { ...draft, sync: 'failed' },
  })
  for (let i = 0; i < 500; i += 1) {
    state = reduce(state, {
      type: 'draft-heard',
      callId: String(i),
      draft: { ...draft, sync: 'saved' },
    })
  }
  assert.equal(state.drafts.get('mine')?.essence, 'half a')
})

function sizeOf(held: unknown): number {
  return held instanceof Map ? held.size : Object.keys(held ?? {}).length
}

function withEvent(state: State, { event, data }: { event: string; data: any }): State {
  const now = Date.now()
  const messages: Record<string, () => Message> = {
    call: () => ({ type: 'call', call: data, now }),
    case: () => ({ type: 'case', case: data }),
    user: () => ({ type: 'user', user: data }),
    recording: () => ({ type: 'recording', recording: data }),
    draft: () => ({ type: 'draft-heard', callId: data.callId, draft: { ...data, sync: 'saved' } }),
  }
  return reduce(state, messages[event]!())
}

/** Each case is opened once, and some are withdrawn. */
function withWithdrawn(state: State, found: ReturnType<Played['case']>, id: string): State {
  const opened = reduce(state, { type: 'case-loaded', case: found })
  const { messages: _messages, ...summary } = found
  const gone = { ...summary, id: `gone-${id}`, message: null, withdrawnTo: found.id }
  return reduce(opened, { type: 'case', case: gone })
}
type Played = ReturnType<typeof createPlayedCalls>
