import assert from 'node:assert/strict'
import type { CallView, CaseView } from '../../server/http/schemas.ts'
import { createRandom, shuffled } from '../support/random.ts'
import { display, type Stage } from '../support/stage.ts'
import { dialplanTime } from '../support/world.ts'
import type { Cell } from './read-cells.ts'

export type Order = 'in order' | 'doubled' | 'shuffled'

/** What was there before the call. */
interface Before {
  readonly number: string
  readonly userId: string | null
  readonly earlier: CaseView | null
  readonly missed: CaseView | null
}

/** Plays one cell of the table on the server and compares with what it states. */
export async function playCell(
  stage: Stage,
  cell: Cell,
  order: Order,
  seed: number,
): Promise<void> {
  const before = await prepare(stage, cell)
  const counts = [await stage.count('cases'), await stage.count('users')] as const
  const call = await play(stage, cell, before, order, seed)
  assert.equal(call.state, 'ended')
  const after = await stage.case(String(call.caseId))
  const expectedId = { new: null, earlier: before.earlier?.id, missed: before.missed?.id }[
    cell.where
  ]
  if (expectedId === null) {
    assert.ok(![before.earlier?.id, before.missed?.id].includes(after.id), 'a new case')
  } else {
    assert.equal(after.id, expectedId)
  }
  assert.equal((await stage.count('cases')) - counts[0], cell.where === 'new' ? 1 : 0, 'new cases')
  checkCase(stage, cell, before, call, after)
  await checkMissed(stage, cell, before)
  if (cell.refusal !== null && before.earlier !== null) {
    assert.deepEqual(await stage.case(before.earlier.id), before.earlier, 'the refused case')
  }
  const users = (await stage.count('users')) - counts[1]
  assert.equal(users, cell.userAfter === 'created' ? 1 : 0, 'new users')
  await checkUser(stage, cell, before, call)
  assert.equal(after.userId, call.userId)
}

/** The user, their earlier case, and their open missed-call case. */
async function prepare(stage: Stage, cell: Cell): Promise<Before> {
  const number = cell.user === 'anonymous' ? 'anonymous' : stage.number()
  let userId: string | null = null
  if (cell.user === 'known') userId = (await stage.user(number)).id
  if (cell.user === 'several') {
    await stage.user(number)
    await stage.user(number)
  }
  let earlier: CaseView | null = null
  const status = /^fixed-(open|pending|closed)$/.exec(cell.did)?.[1]
  if (status !== undefined) {
    // Unknown and anonymous callers have no case of their own: the agent tries somebody else's.
    const isOwn = cell.user === 'known' || cell.user === 'several'
    const from = isOwn ? number : stage.number()
    const conversation = await stage.conversation(from, '102')
    const { id } = await conversation.case()
    await stage.patch(id, 'boris', { subject: 'Earlier case', status })
    earlier = await stage.case(id)
  }
  let missed: CaseView | null = null
  if (cell.hasMissed) {
    missed = await (await stage.missed(number)).case()
    assert.deepEqual([missed.status, missed.handset, missed.messages.length], ['open', 'red', 1])
    if (cell.user === 'unknown') userId = missed.userId
  }
  return { number, userId, earlier, missed }
}

async function play(
  stage: Stage,
  cell: Cell,
  before: Before,
  order: Order,
  seed: number,
): Promise<CallView> {
  if (order === 'shuffled') return playShuffled(stage, cell, before, seed)
  const options = { doubled: order === 'doubled' }
  const call = await (cell.direction === 'incoming'
    ? stage.incoming(before.number, options)
    : stage.outgoing(before.number, options))
  const isDialled = cell.direction === 'outgoing'
  const steps: string[] = []
  const look = async (): Promise<void> => {
    if (cell.meanwhile.length === 0) return
    const { status, handset, messages } = await call.case()
    assert.equal(messages.at(-1)?.inProgress, true)
    steps.push(`${status} ${handset}`)
  }
  const isEarly = isDialled || !cell.answered
  if (isEarly) {
    await act(cell, before, call)
    await look()
    if (cell.answered) await missedIs(stage, before, 'open red')
  }
  if (cell.answered) {
    stage.world.tick(5)
    await call.answer()
    await stage.world.settled()
    if (!isEarly) {
      await missedIs(stage, before, 'open red')
      await act(cell, before, call)
    }
    await look()
    const isSettled = /when (created|fixed|answered)$/.test(cell.missed)
    if (cell.missed !== "the call's own") {
      await missedIs(stage, before, isSettled ? 'closed red' : 'open red')
    }
  }
  stage.world.tick(20)
  await call.end()
  assert.deepEqual(steps, cell.meanwhile)
  return call.view()
}

/** The events of the whole call in another order; nothing else happens on it. */
async function playShuffled(
  stage: Stage,
  cell: Cell,
  { number }: Before,
  seed: number,
): Promise<CallView> {
  const unique_id = stage.uniqueId()
  const isIncoming = cell.direction === 'incoming'
  const from_user = isIncoming ? number : '101'
  const events = isIncoming
    ? [
        { status: 'incoming_start', to_user: '74951000101' },
        { status: 'incoming_ring', to_user: '101' },
        { status: 'incoming_answer', to_user: '101' },
        { status: 'incoming_end', to_user: '101' },
      ]
    : [
        { status: 'outgoing_start', to_user: number },
        { status: 'outgoing_answer', to_user: number },
        { status: 'outgoing_end', to_user: number },
      ]
  const base = stage.world.now().getTime()
  stage.world.tick(60)
  const timed = events.map((event, index) => ({
    ...event,
    datetime: dialplanTime(new Date(base + index * 10_000)),
  }))
  for (const event of shuffled(timed, createRandom(seed))) {
    if (!cell.answered && event.status.endsWith('_answer')) continue
    assert.equal(await stage.world.hook({ ...event, unique_id, from_user }), 200)
    await stage.world.settled()
  }
  const { body } = await stage.world.api('GET', '/api/calls?limit=4')
  return body.items.find((call: CallView) => call.uniqueId === unique_id)
}

async function act(
  cell: Cell,
  before: Before,
  call: Awaited<ReturnType<Stage['incoming']>>,
): Promise<void> {
  if (cell.did === 'nothing') return
  if (cell.did === 'draft') {
    const draft = { subject: 'Draft subject', essence: 'Draft essence' }
    assert.equal((await call.draft('anna', draft)).status, 200)
    return
  }
  const chosen = cell.did === 'fixed-missed' ? before.missed : before.earlier
  const answer = await (cell.did === 'created'
    ? call.post('anna', 'case', { subject: 'Created subject', essence: 'Created essence' })
    : call.post('anna', 'fix', { caseId: chosen?.id, essence: 'Fixed essence' }))
  if (cell.refusal === null) {
    assert.equal(answer.status, cell.did === 'created' ? 201 : 200, JSON.stringify(answer.body))
    return
  }
  assert.equal(answer.status, 409, JSON.stringify(answer.body))
  assert.equal(answer.body.type, `/problems/${cell.refusal}`)
  assert.equal((await call.view()).caseId, null)
}

function checkCase(
  stage: Stage,
  cell: Cell,
  { number }: Before,
  call: CallView,
  after: CaseView,
): void {
  const mine = after.messages.filter((message) => message.call?.id === call.id)
  const assignee = cell.assignee === 'nobody' ? null : stage.world.agents[cell.assignee as 'anna']
  assert.deepEqual(
    {
      subject: after.subject,
      status: after.status,
      handset: after.handset,
      assigneeId: after.assigneeId,
      messages: after.messages.length,
      ofThisCall: mine.length,
      text: mine[0]?.text,
      inProgress: mine[0]?.inProgress,
    },
    {
      subject: cell.subject.replace('[phone]', display(number)),
      status: cell.status,
      handset: cell.handset,
      assigneeId: assignee,
      messages: cell.messages,
      ofThisCall: 1,
      text: cell.text,
      inProgress: false,
    },
  )
  assert.equal(after.closedAt === null, cell.status !== 'closed')
  const isAutomatic = cell.where === 'new' && cell.did !== 'created'
  if (isAutomatic) assert.equal(after.createdAt, call.endedAt)
  if (isAutomatic && cell.status === 'closed') assert.equal(after.closedAt, after.createdAt)
}

async function checkMissed(stage: Stage, cell: Cell, before: Before): Promise<void> {
  if (before.missed === null || cell.where === 'missed') {
    assert.equal(cell.missed, before.missed === null ? '' : "the call's own")
    return
  }
  await missedIs(stage, before, cell.missed.split(' ').slice(0, 2).join(' '))
  const { messages, assigneeId } = await stage.case(before.missed.id)
  assert.deepEqual([messages.length, assigneeId], [1, null])
}

async function missedIs(stage: Stage, before: Before, expected: string): Promise<void> {
  if (before.missed === null) return
  const { status, handset } = await stage.case(before.missed.id)
  assert.equal(`${status} ${handset}`, expected, 'the open missed-call case')
}

async function checkUser(stage: Stage, cell: Cell, before: Before, call: CallView): Promise<void> {
  if (cell.userAfter === 'none') {
    assert.equal(call.userId, null)
  } else if (cell.userAfter === 'kept') {
    assert.equal(call.userId, before.userId)
  } else {
    const { body } = await stage.world.api('GET', `/api/users/${call.userId}`)
    assert.equal(body.name, display(before.number))
    assert.deepEqual(
      body.phones.map((phone: { e164: string }) => phone.e164),
      [before.number],
    )
  }
  assert.equal(call.candidateUserIds.length > 1, cell.user === 'several')
}
