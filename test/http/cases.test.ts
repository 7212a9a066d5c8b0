import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { CaseSummaryView, CaseView } from '../../server/http/schemas.ts'
import { onStage } from '../support/stage.ts'

onStage((stage) => {
  const api = (method: string, path: string, body?: unknown, as = 'anna', headers = {}) =>
    stage.world.api(method, path, body, as, headers)
  const found = async (query: string): Promise<string[]> => {
    const { status, body } = await api('GET', `/api/cases?${query}`)
    assert.equal(status, 200, JSON.stringify(body))
    return body.items.map((one: CaseSummaryView) => one.id)
  }

  describe('CASE-14 the list of cases', () => {
    const cases: Record<'missed' | 'mine' | 'closed', string> = { missed: '', mine: '', closed: '' }
    let userId = ''
    let number = ''

    before(async () => {
      number = stage.number()
      userId = (await stage.user(number)).id
      await api('PATCH', `/api/users/${userId}`, { name: 'Žofie Dvořák', company: 'Acme 100%' })
      const missed = (await (await stage.missed(number)).case()).id
      await stage.missed(number)
      const mine = (await (await stage.conversation(stage.number())).case()).id
      await stage.patch(mine, 'anna', { subject: 'Printer_7 jams' })
      const closed = (await (await stage.conversation(stage.number(), '102')).case()).id
      await stage.patch(closed, 'boris', { status: 'closed' })
      Object.assign(cases, { missed, mine, closed })
    })

    for (const { name, query, expected } of [
      { name: 'one status', query: 'status=closed', expected: ['closed'] },
      { name: 'several statuses', query: 'status=open,pending', expected: ['mine', 'missed'] },
      { name: 'newest change first', query: '', expected: ['closed', 'mine', 'missed'] },
      { name: 'mine', query: 'assigneeId=me', expected: ['mine'] },
      { name: 'nobody’s', query: 'assigneeId=none', expected: ['missed'] },
      { name: 'missed only', query: 'handset=red&sort=updated', expected: ['missed'] },
      { name: 'missed and mine', query: 'handset=red&assigneeId=me', expected: [] },
      { name: 'a word of the subject', query: 'q=printer_7', expected: ['mine'] },
      { name: 'no pattern from outside', query: 'q=printer%257', expected: [] },
      { name: 'a user without accents', query: 'q=zofie', expected: ['missed'] },
      { name: 'a user’s company', query: 'q=acme+100%25', expected: ['missed'] },
      { name: 'a word that nobody used', query: 'q=zzqqxx', expected: [] },
      { name: 'text and status', query: 'q=printer&status=closed', expected: [] },
    ] as const) {
      test(`CASE-14 ${name}`, async () => {
        assert.deepEqual(
          await found(query),
          expected.map((one) => cases[one]),
        )
      })
    }

    test('CASE-14 a case number and the end of a phone number', async () => {
      const { body } = await api('GET', `/api/cases/${cases.mine}`)
      assert.deepEqual(await found(`q=%23${body.number}`), [cases.mine])
      assert.deepEqual(await found(`q=${number.slice(-6)}`), [cases.missed])
    })

    test('CASE-14 pages by cursor hold each case once, with text and by either order', async () => {
      for (const query of ['', 'q=call', 'handset=red', 'sort=waiting']) {
        const whole = await found(query)
        const paged: string[] = []
        let cursor = ''
        do {
          const { body } = await api('GET', `/api/cases?${query}&limit=1${cursor}`)
          paged.push(...body.items.map((one: CaseSummaryView) => one.id))
          cursor = body.next === null ? '' : `&cursor=${encodeURIComponent(body.next)}`
        } while (cursor !== '')
        assert.deepEqual(paged, whole, query)
      }
    })

    test('CASE-14 period: opened from one instant, before another', async () => {
      const { createdAt } = (await api('GET', `/api/cases/${cases.mine}`)).body as CaseView
      const at = (ms: number) =>
        encodeURIComponent(new Date(Date.parse(createdAt) + ms).toISOString())
      assert.deepEqual(await found(`from=${at(0)}&to=${at(1)}`), [cases.mine])
      assert.deepEqual(await found(`to=${at(0)}&handset=green`), [])
    })

    test('CASE-17 how often the caller tried, and when last', async () => {
      const { body } = await api('GET', `/api/cases/${cases.missed}`)
      assert.equal(body.missedCalls, 2)
      assert.ok(Date.parse(body.lastMissedAt) > Date.parse(body.waitingSince))
    })

    test('CASE-14 the people of a page are read in one question, in its order', async () => {
      const other = await stage.user(stage.number())
      const { body } = await api('GET', `/api/users?ids=${other.id},nobody,${userId}`)
      assert.deepEqual(
        body.items.map((one: { id: string }) => one.id),
        [other.id, userId],
      )
    })
  })

  test('CASE-15 an essence that was written for an older state of the case is refused with the current one', async () => {
    const seen = await (await stage.conversation(stage.number())).case()
    const path = `/api/cases/${seen.id}/messages/${seen.messages[0]?.id}`
    const versionOf = (version: number) => ({ 'if-match': `"${version}"` })
    const first = await api('PATCH', path, { text: 'Anna’s' }, 'anna', versionOf(seen.version))
    assert.equal(first.status, 200)
    const second = await api('PATCH', path, { text: 'Boris’' }, 'boris', versionOf(seen.version))
    assert.equal(second.status, 409)
    assert.equal(second.body.type.split('/').at(-1), 'stale-version')
    assert.equal(second.body.current.version, seen.version + 1)
    assert.equal((await stage.case(seen.id)).messages[0]?.text, 'Anna’s')
  })

  test('ADMIN-6 a case goes to nobody who has left', async () => {
    const seen = await (await stage.conversation(stage.number())).case()
    const json = { externalId: `carl-${seen.id}`, name: 'Carl' }
    const { id } = (await api('POST', '/api/agents', json, 'admin')).body
    const assign = () => api('PATCH', `/api/cases/${seen.id}`, { assigneeId: id })
    assert.equal((await assign()).status, 200)
    assert.equal((await api('DELETE', `/api/agents/${id}`, undefined, 'admin')).status, 204)
    assert.equal((await stage.case(seen.id)).assigneeId, id, 'what they had stays theirs')
    const refused = await assign()
    assert.deepEqual([refused.status, refused.body.errors?.[0]?.path], [400, 'assigneeId'])
  })
})
