import assert from 'node:assert/strict'
import test from 'node:test'
import { encodeCursor } from '../../server/http/pagination.ts'
import { changeUser } from '../../server/setup/user-edit.ts'
import { onStage } from '../support/stage.ts'

const UNREADABLE = [
  '0000-01-01T00:00:00Z',
  '1969-12-31T23:59:59Z',
  '2026-01-01T00:00:00+23',
  '2026-02-30T00:00:00Z',
]

onStage((stage) => {
  const ask = async (path: string): Promise<string> => {
    const { status, body } = await stage.world.api('GET', path)
    return `${status} ${body.errors?.[0]?.path}`
  }

  /** The lists of everything that can be asked by these names. */
  const listsWith = async (...names: string[]): Promise<string[]> => {
    const { paths } = await (await fetch(`${stage.world.url}/openapi.json`)).json()
    const lists = Object.entries<any>(paths).filter(([path, { get }]) => {
      const asked = (get?.parameters ?? []).map(({ name }: { name: string }) => name)
      return !path.includes('{') && names.every((name) => asked.includes(name))
    })
    assert.ok(lists.length > 1)
    return lists.map(([path]) => path)
  }

  test('API an instant that is none, or that no database holds, is named', async () => {
    for (const list of await listsWith('from', 'to')) {
      for (const instant of UNREADABLE) {
        const asked = encodeURIComponent(instant)
        assert.equal(await ask(`${list}?from=${asked}`), '400 from', list)
        assert.equal(await ask(`${list}?to=${asked}`), '400 to', list)
      }
      const good = encodeURIComponent('2026-01-01T00:00:00+03:00')
      assert.equal(await ask(`${list}?from=${good}`), '200 undefined', list)
    }
  })

  test('API a filter that is given twice is told so, and an empty limit is shown as it came', async () => {
    const told = async (path: string): Promise<string> => {
      const { status, body } = await stage.world.api('GET', path)
      return `${status} ${body.detail}`
    }
    const twice = await told('/api/calls?state=active&state=ended')
    assert.equal(twice, '400 state is given 2 times, expected once')
    assert.equal(
      await told('/api/calls?limit='),
      '400 limit is "", it must be a whole number from 1 to 200',
    )
    const day = 'from=2026-03-01&to=2026-03-02&tz=UTC'
    assert.equal(await told(`/api/reports/calls?${day}&queue=a&queue=b`), '200 undefined')
    const long = 'x'.repeat(201)
    const wrong = await told(`/api/reports/calls?${day}&queue=a&queue=${long}`)
    assert.match(wrong, /^400 queue .+ must have 0 to 200 characters/)
  })

  test('API blanks alone are no subject and no note', async () => {
    const { id } = await (await stage.missed(stage.number())).case()
    for (const [method, path, json, field] of [
      ['PATCH', `/api/cases/${id}`, { subject: ' \t ' }, 'subject'],
      ['POST', `/api/cases/${id}/notes`, { text: ' \n ' }, 'text'],
    ] as const) {
      const { status, body } = await stage.world.api(method, path, json)
      assert.equal(status, 400, path)
      assert.equal(body.errors[0].path, field)
      assert.match(body.errors[0].message, /it must not be blank$/)
    }
  })

  test('CALL-8 a connection that is not there has no list of recordings', async () => {
    assert.equal((await stage.world.api('GET', '/api/connections/nope/recordings')).status, 404)
    const path = `/api/connections/${stage.world.connectionId}/recordings`
    const known = await stage.world.api('GET', path)
    assert.deepEqual([known.status, known.body.items], [200, []])
  })

  test('API a cursor that no answer gave is named', async () => {
    const isNamed = async (list: string, position: unknown): Promise<void> => {
      const asked = await ask(`${list}?cursor=${encodeCursor(position)}`)
      assert.equal(asked, '400 cursor', `${list} ${JSON.stringify(position)}`)
    }
    for (const list of await listsWith('cursor')) {
      for (const odd of ['\0', ['\0', 'x'], ['x', '\0'], 'x'.repeat(5000), {}, []]) {
        await isNamed(list, odd)
      }
    }
    for (const instant of UNREADABLE) {
      for (const list of ['/api/calls', '/api/cases']) await isNamed(list, [instant, 'x'])
    }
    const { id } = await (await stage.missed(stage.number())).case()
    for (const position of [1.5, -1, 1e300, 'x']) {
      const cursor = encodeCursor(position)
      assert.equal(await ask(`/api/cases/${id}/history?cursor=${cursor}`), '400 cursor')
    }
    assert.equal(await ask(`/api/cases/${id}/history?cursor=${encodeCursor(0)}`), '200 undefined')
  })

  test('USER-1 a field that holds a list as deep as one likes is refused', async () => {
    const items = [{ key: 'size', label: 'Size', type: 'text', inPopup: true }]
    await stage.world.api('PUT', '/api/fields', { items })
    const deep = '['.repeat(20_000) + ']'.repeat(20_000)
    const answer = await fetch(`${stage.world.url}/api/users`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${stage.world.token('anna')}`,
        'content-type': 'application/json',
      },
      body: `{"name":"x","fields":{"size":${deep}}}`,
    })
    const { errors } = (await answer.json()) as { errors: { path: string; message: string }[] }
    assert.equal(answer.status, 400)
    assert.equal(errors[0]?.path, 'fields.size')
    assert.match(String(errors[0]?.message), /^is a list, expected a text/)
  })
})

test('USER-1 what a field cannot hold is shown, lists and objects are only named', () => {
  const rules = {
    country: 'US',
    fields: [{ key: 'size', label: 'Size', type: 'number', inPopup: true }],
  } as const
  const refused = (size: unknown): string => {
    const changed = changeUser(null, { name: 'x', fields: { size } }, rules)
    return 'errors' in changed ? String(changed.errors[0]?.message) : 'nothing'
  }
  assert.equal(refused('much'), 'is "much", expected a number')
  assert.equal(refused(true), 'is true, expected a number')
  assert.equal(refused({ x: 1 }), 'is an object, expected a number')
  assert.equal(refused([1]), 'is a list, expected a number')
})
