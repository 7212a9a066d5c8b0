import { after, before, describe } from 'node:test'
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { CallView, CaseView, UserView } from '../../server/http/schemas.ts'
import { onEachDatabase } from './database.ts'
import { assertFacts } from './expected-facts.ts'
import { type Answer, createWorld, type World } from './world.ts'

/** A call that a test plays by webhooks, step by step; its clock goes on by itself. */
export interface PlayedCall {
  readonly uniqueId: string
  id(): Promise<string>
  view(): Promise<CallView>
  /** The case that the call is in. */
  case(): Promise<CaseView>
  ring(extensions: string): Promise<void>
  answer(extension?: string): Promise<void>
  end(): Promise<void>
  /** Posts to `/api/calls/{id}/…` as an agent. */
  post(agent: string, verb: string, body?: unknown): Promise<Answer>
  draft(agent: string, draft: { subject?: string; essence?: string }): Promise<Answer>
}

export interface NewCall {
  /** What rings, or who dials. */
  readonly extension?: string
  readonly queue?: string
  /** False: the PBX tells nothing before it rings. */
  readonly start?: boolean
  /** Every event is sent twice. */
  readonly doubled?: boolean
}

/** One world per test file and database, and people who call: each test takes new numbers. */
export interface Stage {
  readonly world: World
  /** A number that nobody had before, such as `+79160000001`. */
  number(): string
  uniqueId(): string
  incoming(from: string, options?: NewCall): Promise<PlayedCall>
  outgoing(to: string, options?: NewCall): Promise<PlayedCall>
  /** A whole incoming call that nobody answered. */
  missed(from: string, options?: NewCall): Promise<PlayedCall>
  /** A whole incoming call that was answered. */
  conversation(from: string, extension?: string): Promise<PlayedCall>
  user(...phones: string[]): Promise<UserView>
  case(id: string): Promise<CaseView>
  patch(caseId: string, agent: string, patch: Record<string, unknown>): Promise<CaseView>
  /** How many rows a table has. */
  count(table: 'cases' | 'users'): Promise<number>
}

/** Defines tests over one world for each database. */
export function onStage(
  define: (stage: Stage, kind: Database['kind']) => void,
  env: Record<string, string> = {},
): void {
  onEachDatabase((open, kind) => {
    // A suite of its own, because its `after` has to come before the database is closed.
    describe('in one world', () => {
      let world: World | null = null
      before(async () => {
        world = await createWorld(open, env)
      })
      after(async () => {
        if (world === null) return
        await using played = world
        await played.settled()
        // Whatever was played, reports count it as a slow look at all of it would.
        await assertFacts(played.context.database.db)
      })
      define(
        createStage(() => world!),
        kind,
      )
    })
  })
}

/** `+79161234567` as the server writes it: `+7 916 123-45-67`. */
export function display(number: string): string {
  return number.replace(/^\+7(\d{3})(\d{3})(\d\d)(\d\d)$/, '+7 $1 $2-$3-$4')
}

/** People who call, over one world. */
export function createStage(world: () => World): Stage {
  let last = 0
  const next = (): number => {
    last += 1
    return last
  }
  const uniqueId = (): string => `1640854015.${next()}`

  const play = (
    direction: 'incoming' | 'outgoing',
    fields: Record<string, string>,
    doubled = false,
  ) => playedCall(world(), direction, fields, doubled)

  const stage: Stage = {
    get world() {
      return world()
    },
    number: () => `+7916${String(next()).padStart(7, '0')}`,
    uniqueId,
    incoming: async (from, { extension = '101', queue, start = true, doubled } = {}) => {
      const fields = { unique_id: uniqueId(), from_user: from, to_user: '74951000101' }
      const call = play('incoming', fields, doubled)
      if (start) await call.say({ status: 'incoming_start' })
      await (queue === undefined
        ? call.ring(extension)
        : call.say({ status: `call to queue ${queue}`, to_user: extension }))
      return call
    },
    outgoing: async (to, { extension = '101', doubled } = {}) => {
      const fields = { unique_id: uniqueId(), from_user: extension, to_user: to }
      const call = play('outgoing', fields, doubled)
      await call.say({ status: 'outgoing_start' })
      return call
    },
    missed: async (from, options) => {
      const call = await stage.incoming(from, options)
      world().tick(5)
      await call.end()
      await world().settled()
      world().tick(60)
      return call
    },
    conversation: async (from, extension = '101') => {
      const call = await stage.incoming(from, { extension })
      await call.answer(extension)
      world().tick(30)
      await call.end()
      await world().settled()
      world().tick(60)
      return call
    },
    user: (...phones) => world().user({ name: `User ${next()}`, phones }),
    case: async (id) => {
      await world().settled()
      const { status, body } = await world().api('GET', `/api/cases/${id}`)
      if (status !== 200) throw new Error(`case ${id}: ${status}`)
      return body
    },
    patch: async (caseId, agent, patch) => {
      const { status, body } = await world().api('PATCH', `/api/cases/${caseId}`, patch, agent)
      if (status !== 200) throw new Error(`case ${caseId}: ${status} ${JSON.stringify(body)}`)
      return body
    },
    count: async (table) => {
      const { rows } = await sql<{ count: number }>`
        select count(*) as count from ${sql.table(table)}`.execute(world().context.database.db)
      return Number(rows[0]?.count)
    },
  }
  return stage
}

interface SpokenCall extends PlayedCall {
  say(fields: Record<string, string>): Promise<void>
}

function playedCall(
  world: World,
  direction: 'incoming' | 'outgoing',
  fields: Record<string, string>,
  doubled: boolean,
): SpokenCall {
  const uniqueId = String(fields.unique_id)
  let id: string | null = null
  const view = async (): Promise<CallView> => {
    await world.settled()
    if (id !== null) return (await world.api('GET', `/api/calls/${id}`)).body
    const { body } = await world.api('GET', '/api/calls?limit=4')
    const found = body.items.find((each: CallView) => each.uniqueId === uniqueId)
    if (found === undefined) throw new Error(`no call ${uniqueId}`)
    id = found.id
    return found
  }
  const say = async (more: Record<string, string>): Promise<void> => {
    for (const _ of doubled ? [1, 2] : [1]) {
      const status = await world.hook({ ...fields, ...more })
      if (status !== 200) throw new Error(`${JSON.stringify(more)}: ${status}`)
    }
    world.tick(1)
  }
  const call: SpokenCall = {
    uniqueId,
    say,
    view,
    id: async () => id ?? (await view()).id,
    case: async () => {
      const { caseId } = await view()
      if (caseId === null) throw new Error(`call ${uniqueId} is in no case`)
      return (await world.api('GET', `/api/cases/${caseId}`)).body
    },
    ring: (extensions) => say({ status: 'incoming_ring', to_user: extensions }),
    answer: (extension = '101') =>
      direction === 'incoming'
        ? say({ status: 'incoming_answer', to_user: extension })
        : say({ status: 'outgoing_answer' }),
    end: async () => {
      await say({ status: `${direction}_end` })
      await world.settled()
    },
    post: async (agent, verb, body) =>
      world.api('POST', `/api/calls/${await call.id()}/${verb}`, body, agent),
    draft: async (agent, draft) =>
      world.api('PUT', `/api/calls/${await call.id()}/draft`, draft, agent),
  }
  return call
}
