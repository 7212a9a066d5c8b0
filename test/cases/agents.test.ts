import assert from 'node:assert/strict'
import test from 'node:test'
import type { CaseSummaryView, CaseView, HelloView } from '../../server/http/schemas.ts'
import { openStream } from '../support/sse.ts'
import { onStage } from '../support/stage.ts'
import type { Answer } from '../support/world.ts'

interface HistoryEntry {
  readonly at: string
  readonly agentId: string | null
  readonly kind: string
  readonly from: unknown
  readonly to: unknown
  readonly rule: string | null
}

onStage((stage) => {
  const history = async (id: string): Promise<HistoryEntry[]> => {
    const { body } = await stage.world.api('GET', `/api/cases/${id}/history?limit=200`)
    return body.items
  }

  test('CASE-12 what agents change is in the history with who and when', async () => {
    const { anna, boris } = stage.world.agents
    const { id } = await (await stage.conversation(stage.number())).case()
    const known = (await history(id)).length
    await stage.patch(id, 'anna', { status: 'pending' })
    await stage.patch(id, 'boris', { assigneeId: boris })
    await stage.patch(id, 'anna', { subject: 'Another subject' })
    await stage.patch(id, 'anna', { status: 'closed' })
    const entries = (await history(id)).slice(known)
    assert.deepEqual(
      entries.map(({ agentId, from, to, rule }) => ({ agentId, from, to, rule })),
      [
        { agentId: anna, from: 'open', to: 'pending', rule: null },
        { agentId: boris, from: anna, to: boris, rule: null },
        {
          agentId: anna,
          from: (await stage.case(id)).messages[0]?.call?.from.display.replace(
            /^/,
            'Incoming call from ',
          ),
          to: 'Another subject',
          rule: null,
        },
        { agentId: anna, from: 'pending', to: 'closed', rule: null },
      ],
    )
    for (const { at } of entries) assert.ok(Math.abs(Date.parse(at) - Date.now()) < 24 * 3600_000)
    assert.notEqual((await stage.case(id)).closedAt, null)
  })

  test('CASE-12 a note is a message of its own, an essence can be edited', async () => {
    const { id } = await (await stage.conversation(stage.number())).case()
    const path = `/api/cases/${id}/notes`
    const note = await stage.world.api('POST', path, { text: 'Ask the depot' }, 'boris')
    assert.deepEqual([note.status, note.body.kind, note.body.call], [201, 'note', null])
    assert.equal(note.body.authorId, stage.world.agents.boris)
    const before = await stage.case(id)
    assert.equal(before.messages.length, 2)
    const essence = `/api/cases/${id}/messages/${before.messages[0]?.id}`
    const edited = await stage.world.api('PATCH', essence, { text: 'Wants a refund' }, 'anna')
    assert.equal(edited.status, 200)
    const after = await stage.case(id)
    assert.equal(after.messages[0]?.text, 'Wants a refund')
    assert.ok(after.version > before.version)
    const entry = (await history(id)).at(-1)
    assert.deepEqual([entry?.agentId, entry?.rule], [stage.world.agents.anna, null])
  })

  test('CASE-12 an answered call reopens a closed case at once, and once', async () => {
    const number = stage.number()
    const { id } = await (await stage.conversation(number)).case()
    await stage.patch(id, 'boris', { status: 'closed' })
    const call = await stage.outgoing(number)
    await call.post('anna', 'fix', { caseId: id })
    assert.equal((await stage.case(id)).status, 'closed')
    await call.answer()
    await stage.world.settled()
    const reopened = await stage.case(id)
    assert.deepEqual([reopened.status, reopened.closedAt], ['open', null])
    await call.end()
    const entries = await history(id)
    const changes = entries.filter(({ from }) => from === 'closed')
    assert.deepEqual(
      changes.map(({ to, rule, kind }) => [to, rule, kind]),
      [['open', 'CASE-12', 'reopened']],
    )
    const last = entries.at(-1)
    assert.deepEqual([last?.to, last?.rule, last?.agentId], ['pending', 'CASE-5', null])
  })

  test('CASE-13 two calls at once have a draft and a case each', async () => {
    const [first, second] = [
      await stage.incoming(stage.number()),
      await stage.incoming(stage.number()),
    ]
    await first.answer()
    await second.answer()
    await first.draft('anna', { subject: 'First', essence: 'one' })
    await second.draft('anna', { subject: 'Second', essence: 'two' })
    const { body } = await second.post('anna', 'case', { subject: 'Second', essence: 'two' })
    await second.end()
    assert.equal((await first.view()).state, 'answered')
    await first.end()
    const [one, two] = [await first.case(), await second.case()]
    assert.deepEqual([one.subject, one.messages[0]?.text, one.messages.length], ['First', 'one', 1])
    assert.deepEqual([two.id, two.subject, two.messages.length], [body.id, 'Second', 1])
  })

  test('CASE-13 two calls of one user at once: each in a case of its own', async () => {
    const number = stage.number()
    const calls = [await stage.incoming(number), await stage.incoming(number)]
    for (const call of calls) await call.answer()
    for (const call of calls) await call.end()
    assert.notEqual((await calls[0]!.view()).caseId, (await calls[1]!.view()).caseId)
  })

  test('CASE-14 filters, search and pages', async () => {
    const number = stage.number()
    const owner = await stage.user(number)
    const cases: CaseView[] = []
    for (let made = 0; made < 5; made += 1)
      cases.push(await (await stage.conversation(number)).case())
    const [open, pending, closed, ofBoris, ofNobody] = cases.map(({ id }) => id) as [
      string,
      string,
      string,
      string,
      string,
    ]
    await stage.patch(pending, 'anna', { status: 'pending' })
    await stage.patch(closed, 'anna', { status: 'closed' })
    await stage.patch(ofBoris, 'anna', { assigneeId: stage.world.agents.boris })
    await stage.patch(ofNobody, 'anna', { assigneeId: null, subject: 'Leaking samovar' })
    const missed = (await (await stage.missed(number)).case()).id
    const list = async (query: string, as = 'anna'): Promise<string[]> => {
      const path = `/api/cases?userId=${owner.id}&limit=200${query}`
      const { status, body } = await stage.world.api('GET', path, undefined, as)
      assert.equal(status, 200)
      return body.items.map(({ id }: CaseSummaryView) => id).toSorted()
    }
    const are = async (query: string, expected: string[], as?: string): Promise<void> =>
      assert.deepEqual(await list(query, as), expected.toSorted(), query)
    await are('', [open, pending, closed, ofBoris, ofNobody, missed])
    await are('&status=open', [open, ofBoris, ofNobody, missed])
    await are('&status=pending', [pending])
    await are('&status=closed', [closed])
    await are('&assigneeId=me', [open, pending, closed])
    await are('&assigneeId=me', [ofBoris], 'boris')
    await are(`&assigneeId=${stage.world.agents.boris}`, [ofBoris])
    await are('&assigneeId=none', [ofNobody, missed])
    await are('&handset=red', [missed])
    await are('&q=samovar', [ofNobody])
    await are(`&q=${cases[2]?.number}`, [closed])
    await are('&status=closed&assigneeId=none', [])
    await are(`&q=${encodeURIComponent(number)}&status=pending`, [pending])
    await are(`&q=${encodeURIComponent(owner.name)}&status=pending`, [pending])
    const third = (await stage.case(closed)).createdAt
    await are(`&to=${third}`, [open, pending])
    await are(`&from=${third}`, [closed, ofBoris, ofNobody, missed])

    const paged: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const path: string = `/api/cases?userId=${owner.id}&limit=2${cursor && `&cursor=${cursor}`}`
      const { body }: Answer = await stage.world.api('GET', path)
      assert.ok(body.items.length <= 2)
      assert.equal('messages' in body.items[0], false)
      paged.push(...body.items.map(({ id }: CaseSummaryView) => id))
      cursor = body.next === null ? null : encodeURIComponent(body.next)
    }
    assert.equal(paged.length, 6)
    assert.equal(new Set(paged).size, 6)
  })

  test('CASE-15 a change on top of a stale state is refused with the current one', async () => {
    const { id, version } = await (await stage.conversation(stage.number())).case()
    const patch = (agent: string, change: object, tag: string) =>
      stage.world.api('PATCH', `/api/cases/${id}`, change, agent, { 'if-match': tag })
    assert.equal((await patch('anna', { subject: 'By Anna' }, `"${version}"`)).status, 200)
    const stale = await patch('boris', { subject: 'By Boris' }, `"${version}"`)
    assert.equal(stale.status, 409)
    assert.equal(stale.body.current.subject, 'By Anna')
    assert.equal((await stage.case(id)).subject, 'By Anna')
    const fresh = await patch('boris', { subject: 'By Boris' }, `"${stale.body.current.version}"`)
    assert.equal(fresh.status, 200)
  })

  test('CASE-15 two changes of one version at once: one is made', async () => {
    const { id, version } = await (await stage.conversation(stage.number())).case()
    const answers = await Promise.all(
      ['anna', 'boris', 'clara', 'susan'].map((agent) =>
        stage.world.api('PATCH', `/api/cases/${id}`, { subject: `By ${agent}` }, agent, {
          'if-match': `"${version}"`,
        }),
      ),
    )
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409, 409, 409])
    const made = answers.find(({ status }) => status === 200)
    assert.equal((await stage.case(id)).subject, made?.body.subject)
  })

  test('CASE-15 two agents create from one call at once: one case, and the other is told', async () => {
    const call = await stage.incoming(stage.number(), { extension: '101,102' })
    await call.answer()
    await call.id()
    const cases = await stage.count('cases')
    const answers = await Promise.all(
      ['anna', 'boris', 'susan'].map((agent) => call.post(agent, 'case', { subject: agent })),
    )
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 409, 409])
    const made = answers.find(({ status }) => status === 201)
    for (const { status, body } of answers) {
      if (status === 409) assert.equal(body.case.id, made?.body.id)
    }
    assert.equal((await stage.count('cases')) - cases, 1)
    await call.end()
    assert.equal((await call.case()).subject, made?.body.subject)
  })

  test('CASE-15 an agent creates while the call ends: one case, whoever was first', async () => {
    const call = await stage.incoming(stage.number())
    await call.answer()
    await call.id()
    const cases = await stage.count('cases')
    const [made] = await Promise.all([call.post('anna', 'case', { subject: 'Just' }), call.end()])
    assert.equal(made.status, 201)
    const after = await call.case()
    assert.deepEqual([after.subject, after.status, after.messages.length], ['Just', 'pending', 1])
    assert.equal((await stage.count('cases')) - cases, 1)
  })

  test('POP-2 a closed pop-up is remembered for that agent, on every page', async () => {
    const call = await stage.incoming(stage.number(), { extension: '101,102' })
    const id = await call.id()
    assert.equal((await call.post('clara', 'dismiss')).status, 404)
    assert.equal((await call.post('anna', 'dismiss')).status, 204)
    assert.equal((await call.post('anna', 'dismiss')).status, 204)
    assert.ok((await hello('anna')).dismissed.includes(id))
    const ofBoris = await hello('boris')
    assert.equal(ofBoris.dismissed.includes(id), false)
    assert.ok(ofBoris.calls.some((each) => each.id === id))
    await call.end()
  })

  test('CALL-19 agents see their own calls only, supervisors all', async () => {
    const call = await stage.conversation(stage.number(), '101')
    const dialled = await stage.outgoing(stage.number(), { extension: '102' })
    await dialled.end()
    for (const [played, sees, doesNot] of [
      [call, ['anna', 'susan', 'admin'], ['boris', 'clara']],
      [dialled, ['boris', 'susan', 'admin'], ['anna', 'clara']],
    ] as const) {
      const id = await played.id()
      for (const path of ['', '/trace', '/draft']) {
        for (const agent of sees) assert.equal(await statusOf(`${id}${path}`, agent), 200)
        for (const agent of doesNot) assert.equal(await statusOf(`${id}${path}`, agent), 404)
      }
      for (const agent of doesNot) {
        for (const verb of ['close', 'dismiss']) {
          assert.equal((await played.post(agent, verb)).status, 404)
        }
        assert.equal((await played.post(agent, 'case', { subject: 'Mine' })).status, 404)
        assert.equal((await played.post(agent, 'fix', { caseId: 'x' })).status, 404)
        assert.equal((await played.post(agent, 'user', { userId: 'x' })).status, 404)
      }
      // Cases with their messages are everybody's.
      const path = `/api/cases/${(await played.view()).caseId}`
      const { status, body } = await stage.world.api('GET', path, undefined, 'clara')
      assert.deepEqual([status, body.messages[0].call.id], [200, id])
    }
    const { body } = await stage.world.api('GET', '/api/calls?limit=200', undefined, 'clara')
    for (const each of body.items) {
      const legs = each.legs.map(({ agentId }: { agentId: string | null }) => agentId)
      assert.ok([...legs, each.agentId].includes(stage.world.agents.clara))
    }
  })

  async function statusOf(path: string, as: string): Promise<number> {
    return (await stage.world.api('GET', `/api/calls/${path}`, undefined, as)).status
  }

  /** The first event of the agent's stream. */
  async function hello(agent: string): Promise<HelloView> {
    using stream = await openStream(stage.world.url, stage.world.token(agent))
    return (await stream.next(({ type }) => type === 'hello')).data
  }
})
