import assert from 'node:assert/strict'
import test from 'node:test'
import { sql } from 'kysely'
import { createTestApp, START, type TestApp } from '../support/app.ts'
import { onEachDatabase } from '../support/database.ts'

const ANNA = {
  name: 'Anna Müller',
  email: 'anna@example.com',
  company: 'Blume & Söhne',
  phones: ['+375 29 170-16-99', '101'],
  note: 'prefers mornings, 100% reliable',
}

async function add(app: TestApp, user: Record<string, unknown>): Promise<string> {
  const made = await app.call('POST', '/api/users', { json: user })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  return made.body.id
}

async function names(app: TestApp, parameters: Record<string, string>): Promise<string[]> {
  const found = await app.call('GET', `/api/users?${new URLSearchParams(parameters)}`)
  assert.equal(found.status, 200, JSON.stringify(found.body))
  return found.body.items.map((item: { name: string }) => item.name)
}

onEachDatabase((open) => {
  test('USER-1 a user is made, read, changed and deleted', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    await app.call('PUT', '/api/fields', {
      json: {
        items: [{ key: 'plan', label: 'Plan', type: 'choice', options: ['Pro'], inPopup: true }],
      },
    })
    const made = await app.call('POST', '/api/users', {
      json: { ...ANNA, externalId: 'crm-1', fields: { plan: 'Pro' } },
    })
    assert.equal(made.status, 201)
    const { id } = made.body
    const expected = {
      ...ANNA,
      id,
      externalId: 'crm-1',
      phones: [
        { raw: '+375 29 170-16-99', e164: '+375291701699', display: '+375 29 170-16-99' },
        { raw: '101', e164: null, display: '101' },
      ],
      fields: { plan: 'Pro' },
      createdAt: START.toISOString(),
      updatedAt: START.toISOString(),
    }
    assert.deepEqual(made.body, expected)
    assert.deepEqual((await app.call('GET', `/api/users/${id}`)).body, expected)
    app.tick(1000)
    const changed = await app.call('PATCH', `/api/users/${id}`, {
      json: { name: 'Anna M.', email: null, company: '', phones: ['101'], fields: { plan: null } },
    })
    assert.deepEqual(changed.body, {
      ...expected,
      name: 'Anna M.',
      email: null,
      company: null,
      phones: [expected.phones[1]],
      fields: {},
      updatedAt: app.now().toISOString(),
    })
    assert.equal((await app.call('DELETE', `/api/users/${id}`)).status, 204)
    assert.equal((await app.call('GET', `/api/users/${id}`)).status, 404)
    assert.equal((await app.call('PATCH', `/api/users/${id}`, { json: {} })).status, 404)
    assert.equal((await app.call('DELETE', `/api/users/${id}`)).status, 404)
  })

  test('USER-1 a number given twice is kept once; an edit makes an automatic user a person', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const id = await add(app, { name: 'A', phones: ['+375291701699', '+375 29 170 16 99'] })
    const { rows } = await sql`select key from user_phones`.execute(db)
    assert.deepEqual(rows, [{ key: '+375291701699' }])
    await sql`update users set auto_key = '+375291701699'`.execute(db)
    await app.call('PATCH', `/api/users/${id}`, { json: { note: 'x' } })
    const keys = await sql`select auto_key from users`.execute(db)
    assert.deepEqual(keys.rows, [{ autoKey: null }])
  })

  test('USER-1 numbers and custom fields are checked, each by its name', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const field = (key: string, type: string) => ({ key, label: key, type, inPopup: false })
    const types = ['text', 'number', 'date', 'boolean', 'link'].map((type) => field(type, type))
    await app.call('PUT', '/api/fields', {
      json: { items: [...types, { ...field('choice', 'choice'), options: ['a', 'b'] }] },
    })
    const good = {
      text: 'x',
      number: 1.5,
      date: '2024-02-29',
      boolean: false,
      link: 'https://x.example/1',
      choice: 'b',
    }
    const id = await add(app, { name: 'A', fields: good })
    assert.deepEqual((await app.call('GET', `/api/users/${id}`)).body.fields, good)
    const halves = { text: 'a\ud800b', link: 'https://x.example/\udc00' }
    const half = await app.call('POST', '/api/users', { json: { name: 'H', fields: halves } })
    assert.deepEqual(half.body.fields, { text: 'a\ufffdb', link: 'https://x.example/\ufffd' })
    assert.deepEqual((await app.call('GET', `/api/users/${half.body.id}`)).body, half.body)
    for (const [fields, path] of [
      [{ colour: 'red' }, 'fields.colour'],
      [{ name: 'x' }, 'fields.name'],
      [{ text: 5 }, 'fields.text'],
      [{ text: 'a\0b' }, 'fields.text'],
      [{ number: '1' }, 'fields.number'],
      [{ date: '2023-02-29' }, 'fields.date'],
      [{ date: '1.2.2024' }, 'fields.date'],
      [{ boolean: 'yes' }, 'fields.boolean'],
      [{ link: 'javascript:alert(1)' }, 'fields.link'],
      [{ link: 'x' }, 'fields.link'],
      [{ choice: 'c' }, 'fields.choice'],
    ] as const) {
      const bad = await app.call('POST', '/api/users', { json: { name: 'B', fields } })
      assert.equal(bad.status, 400, path)
      assert.deepEqual(
        bad.body.errors.map((error: { path: string }) => error.path),
        [path],
      )
    }
    for (const phones of [['anonymous'], [' '], ['']]) {
      const bad = await app.call('POST', '/api/users', { json: { name: 'B', phones } })
      assert.equal(bad.body.errors[0].path, 'phones.0')
    }
    const blank = await app.call('POST', '/api/users', { json: { name: '  ' } })
    assert.equal(blank.body.errors[0].path, 'name')
  })

  test('USER-1 the external id is one user, by POST and by PUT', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const put = (json: unknown) => app.call('PUT', '/api/users/external/crm%2F7', { json })
    const made = await put({ name: 'Anna', note: 'n', phones: ['101'] })
    assert.equal(made.status, 201)
    assert.equal(made.body.externalId, 'crm/7')
    app.tick(1000)
    const same = await put({ name: 'Anna' })
    assert.equal(same.status, 200)
    assert.deepEqual(same.body, made.body, 'nothing changed, not even updatedAt')
    const changed = await put({ name: 'Anna B.' })
    assert.deepEqual([changed.body.name, changed.body.note], ['Anna B.', 'n'])
    const taken = await app.call('POST', '/api/users', { json: { name: 'C', externalId: 'crm/7' } })
    assert.equal(taken.status, 409)
    assert.equal(taken.body.errors[0].path, 'externalId')
    assert.equal((await put({ name: 'x', externalId: 'other' })).status, 400)
    for (const externalId of ['x'.repeat(400), ' ']) {
      const path = `/api/users/external/${encodeURIComponent(externalId)}`
      const json = { name: 'x' }
      for (const refused of [
        await app.call('PUT', path, { json }),
        await app.call('POST', '/api/users', { json: { ...json, externalId } }),
      ]) {
        assert.deepEqual([refused.status, refused.body.errors?.[0].path], [400, 'externalId'])
      }
    }
    const rows = await sql`select type, data ->> 'name' as name from outbox order by id`.execute(db)
    assert.deepEqual(rows.rows, [
      { type: 'user', name: 'Anna' },
      { type: 'user', name: 'Anna B.' },
    ])
  })

  test('USER-1 the same external id twenty times at once is one user', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        app.call('PUT', '/api/users/external/e', { json: { name: `N${index}`, phones: ['555'] } }),
      ),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(19).fill(200), 201])
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
  })

  test('USER-1 a user with cases is not deleted but erased', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const id = await add(app, ANNA)
    await sql`insert into cases (id, subject, status, handset, user_id, version, created_at, updated_at)
      values ('c', 's', 'open', 'red', ${id}, 1, now(), now())`.execute(db)
    const kept = await app.call('DELETE', `/api/users/${id}`)
    assert.equal(kept.status, 409)
    assert.match(kept.body.detail, /\/api\/erase/)
  })

  test('USER-2 found by any part of anything, in any case, with several words', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    await app.call('PUT', '/api/fields', {
      json: { items: [{ key: 'contract', label: 'Contract', type: 'text', inPopup: false }] },
    })
    await add(app, { ...ANNA, externalId: 'crm-4711', fields: { contract: 'ZX-9000' } })
    await add(app, { name: 'Иванов Пётр', company: 'Ромашка', phones: ['+49 30 901820'] })
    await add(app, { name: '王小明' })
    await add(app, { name: 'Nobody Else', note: 'mornings' })
    for (const q of [
      'anna',
      'ANNA',
      'nna',
      'müller',
      'muller',
      'Müller Anna',
      'anna blume',
      '@example',
      'söhne',
      'prefers morn',
      'zx-9000',
      'crm-4711',
      '100%',
      'anna 1701699',
      'an',
    ]) {
      assert.equal((await names(app, { q }))[0], 'Anna Müller', q)
    }
    assert.deepEqual(await names(app, { q: 'иванов петр' }), ['Иванов Пётр'])
    assert.deepEqual(await names(app, { q: '小明' }), ['王小明'])
    assert.deepEqual(await names(app, { q: 'qqqq' }), [])
    assert.deepEqual(await names(app, { q: 'anna qqqq' }), [], 'every word counts')
    assert.deepEqual(await names(app, { q: '%' }), ['Anna Müller'], 'a percent sign is itself')
    assert.deepEqual(await names(app, { q: 'a_na' }), [], 'an underscore is itself')
    assert.equal((await names(app, { q: '  ' })).length, 4)
  })

  test('USER-2 found with typing mistakes', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    await add(app, { name: 'Katharina Schmidt', phones: ['+375 29 170-16-99'] })
    await add(app, { name: 'John Anderson', company: 'Northwind' })
    await add(app, { name: 'Иванов Пётр' })
    for (const [q, name] of [
      ['katarina', 'Katharina Schmidt'],
      ['schmitd', 'Katharina Schmidt'],
      ['schmit katharina', 'Katharina Schmidt'],
      ['jhon', 'John Anderson'],
      ['andersen', 'John Anderson'],
      ['nortwind', 'John Anderson'],
      ['jon andreson', 'John Anderson'],
      ['иваноф', 'Иванов Пётр'],
      ['375291701698', 'Katharina Schmidt'],
    ] as const) {
      assert.equal((await names(app, { q }))[0], name, q)
    }
  })

  test('USER-2 SAFE-3 a text of many parts, each of which may be meant in several ways, is answered', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    for (const name of ['Anders', 'Andert', 'Andera', 'Anderl']) await add(app, { name })
    // Three and more ways to mean each of twenty-eight parts: more than fits into any memory.
    assert.deepEqual(await names(app, { q: Array(28).fill('andero').join('.') }), [])
    assert.ok((await names(app, { q: 'andero' })).length > 0)
  })

  test('USER-2 the words of users are known as long as somebody has them', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const found = async (q: string) => (await names(app, { q })).length
    const anna = await add(app, { name: 'Anna Wesselmann', company: 'Northwind' })
    await add(app, { name: 'Bert Müller', company: 'Northwind' })
    assert.deepEqual([await found('weselmann'), await found('northwnid')], [1, 2])
    await app.call('PATCH', `/api/users/${anna}`, { json: { name: 'Anna Quastenberg' } })
    const words = async () =>
      (await db.selectFrom('userWords').select('word').orderBy('word').execute()).map(
        ({ word }) => word,
      )
    assert.deepEqual(await words(), ['anna', 'bert', 'muller', 'northwind', 'quastenberg'])
    assert.deepEqual([await found('weselmann'), await found('quastenbreg')], [0, 1])
    assert.equal((await app.call('DELETE', `/api/users/${anna}`)).status, 204)
    assert.deepEqual(await words(), ['bert', 'muller', 'northwind'])
  })

  test('USER-2 found by a number in any format', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    await app.call('PATCH', '/api/settings', { json: { country: 'BY' } })
    await add(app, { name: 'Anna', phones: ['+375 29 170-16-99'] })
    await add(app, { name: 'Bert', phones: ['+375 29 170-16-98', '204'] })
    for (const q of [
      '+375291701699',
      '+375 (29) 170-16-99',
      '375 29 1701699',
      '80291701699',
      '8 029 170-16-99',
      '170-16-99',
      '1701699',
      '29 170',
    ]) {
      assert.equal((await names(app, { q })).includes('Anna'), true, q)
    }
    for (const phone of [
      '+375291701699',
      '375 29 170 16 99',
      '8 (029) 170-16-99',
      '00375291701699',
    ]) {
      assert.deepEqual(await names(app, { phone }), ['Anna'], phone)
    }
    assert.deepEqual(await names(app, { phone: '204' }), ['Bert'])
    assert.deepEqual(await names(app, { phone: 'anonymous' }), [])
    assert.deepEqual(await names(app, { phone: '+375291701699', q: 'bert' }), [])
    assert.equal((await names(app, { q: '+375291701699' }))[0], 'Anna', 'the exact number first')
  })

  test('USER-2 best match first, and pages neither skip nor repeat', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    await add(app, { name: 'Lindenberg' })
    await add(app, { name: 'Zoe', note: 'knows somebody whose name is Lindenberg' })
    await add(app, { name: 'Udo Lindenberg' })
    await add(app, { name: 'Lindenbergs Bakery' })
    assert.deepEqual(await names(app, { q: 'lindenberg' }), [
      'Lindenberg',
      'Lindenbergs Bakery',
      'Udo Lindenberg',
      'Zoe',
    ])
    for (let index = 0; index < 25; index++) await add(app, { name: `Copy ${index}` })
    for (const q of ['lindenberg', 'copy', 'lindenbreg', '']) {
      const all = await names(app, { q, limit: '200' })
      const paged: string[] = []
      let cursor = ''
      do {
        const page = await app.call('GET', `/api/users?limit=3&q=${q}&cursor=${cursor}`)
        paged.push(...page.body.items.map((item: { name: string }) => item.name))
        cursor = page.body.next ?? ''
      } while (cursor !== '')
      assert.deepEqual(paged, all, q)
    }
  })

  test('SAFE-3 hostile strings are stored or refused, never a 500', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const hostile = [
      'a\0b',
      '\ud800',
      '\udfff x',
      "'; drop table users; --",
      '" or 1=1',
      '\\',
      '%',
      '_',
      '\\%',
      '%%%%',
      '<img src=x onerror=alert(1)>',
      '{"$ne":1}',
      '[object Object]',
      '../../etc/passwd',
      '\u202e\u200b',
      'x'.repeat(10_000),
      '9'.repeat(10_000),
      '+'.repeat(400),
      '(((((((((',
      '😀'.repeat(200),
      '\n\r\t',
      '__proto__',
      'constructor',
      '-',
      '+',
      '000000000000',
      '\\x00',
      '1e999',
      'NaN',
    ]
    for (const text of hostile) {
      const shown = JSON.stringify(text).slice(0, 40)
      const encoded = encodeURIComponent(text.toWellFormed())
      const answers = [
        await app.call('POST', '/api/users', { json: { name: text, note: text, email: text } }),
        await app.call('POST', '/api/users', { json: { name: 'x', phones: [text] } }),
        await app.call('POST', '/api/users', { json: { name: 'x', fields: { [text]: text } } }),
        await app.call('PUT', `/api/users/external/${encoded}`, { json: { name: 'x' } }),
        await app.call('GET', `/api/users?q=${encoded}`),
        await app.call('GET', `/api/users?phone=${encoded}`),
        await app.call('GET', `/api/users?cursor=${encoded}`),
        await app.call('GET', `/api/users/${encoded}`),
        await app.call('PATCH', `/api/users/${encoded}`, { json: { note: text } }),
        await app.call('POST', '/api/agents', { json: { externalId: text, name: text } }),
        await app.call('POST', '/api/connections', {
          json: { name: text, timeZone: text, country: text },
        }),
        await app.call('GET', '/api/me', { token: app.token({ name: text, email: text }) }),
        await app.call('GET', '/api/me', { token: app.token({ extensions: [text] }) }),
      ]
      for (const [index, { status }] of answers.entries()) {
        assert.ok(status < 500, `${shown}: answer ${index} is ${status}`)
      }
    }
    assert.deepEqual(app.log.lines, [])
  })
})
