import assert from 'node:assert/strict'
import test from 'node:test'
import { sql } from 'kysely'
import { appendConnectionLog } from '../../db/connection-log.ts'
import { savePages, saveProcess } from '../../db/open-pages.ts'
import { connectionLinkRoutes } from '../../server/http/routes/connection-link.ts'
import { createSeal } from '../../server/seal.ts'
import { Secret } from '../../server/secret.ts'
import { createTestApp, START, type TestApp } from '../support/app.ts'
import { onEachDatabase } from '../support/database.ts'

const ARI = {
  url: 'pbx.example.com:8089',
  userName: 'ringside',
  password: 'ari-password-canary',
  events: true,
}
const AMI = {
  host: 'pbx.example.com',
  userName: 'boss',
  secret: 'ami-secret-canary',
  events: false,
}

async function connect(app: TestApp, more: Record<string, unknown> = {}) {
  const made = await app.call('POST', '/api/connections', {
    json: { name: 'Office', timeZone: 'Europe/Minsk', country: 'by', ...more },
  })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  return made.body
}

onEachDatabase((open) => {
  test('API a connection is set up, shown without its secrets, and known to the intake', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const made = await connect(app, {
      ari: ARI,
      ami: AMI,
      phrases: { ' Входящий ЗВОНОК ': 'incoming_start' },
      timeouts: { ringingSeconds: 60 },
      options: { packetInfoConfig: ['X-Tenant'], secret: 'dropped-canary' },
    })
    const { id, webhookToken, ...rest } = made
    assert.deepEqual(rest, {
      name: 'Office',
      timeZone: 'Europe/Minsk',
      country: 'BY',
      ari: {
        url: 'https://pbx.example.com:8089',
        userName: 'ringside',
        events: true,
        verifyTls: true,
      },
      ami: {
        host: 'pbx.example.com',
        port: 5038,
        userName: 'boss',
        tls: false,
        verifyTls: true,
        events: false,
      },
      internalCalls: false,
      recordings: true,
      phrases: { 'входящий звонок': 'incoming_start' },
      timeouts: { ringingSeconds: 60, queueSeconds: 3600, answeredSeconds: 14_400 },
      options: { packetInfoConfig: ['X-Tenant'] },
      webhookUrl: `https://calls.example.com/webhooks/asterisk/${webhookToken}`,
      error: null,
      clockErrorSeconds: null,
      status: {
        ari: { state: 'off', since: null, error: null, version: null },
        ami: { state: 'off', since: null, error: null, version: null },
        webhook: { lastEventAt: null, seen: [] },
      },
    })
    assert.ok(webhookToken.length >= 32)
    const known = app.registry.byToken(webhookToken)
    assert.equal(known?.id, id)
    assert.deepEqual(known?.extraFields, ['X-Tenant'])
    assert.equal(known?.timeouts.ringingSeconds, 60)
    assert.equal(app.registry.byToken('other'), null)
    const again = await app.call('GET', `/api/connections/${id}`)
    assert.deepEqual(again.body, made)
    const list = await app.call('GET', '/api/connections')
    assert.deepEqual(list.body, { items: [made], next: null })
  })

  test('SAFE-7 canary secrets: none in answers, none readable in the database', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { id, webhookToken } = await connect(app, { ari: ARI, ami: AMI })
    const answers = [
      await app.call('GET', `/api/connections/${id}`),
      await app.call('PATCH', `/api/connections/${id}`, {
        json: { name: 'x', ari: { events: false } },
      }),
      await app.call('PATCH', `/api/connections/${id}`, {
        json: { ari: { password: 5, url: 'not an address canary' } },
      }),
    ]
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 400],
    )
    assert.doesNotMatch(JSON.stringify(answers.map(({ body }) => body)), /(password|secret)-canary/)
    const { rows } = await sql`select * from connections`.execute(db)
    const stored = JSON.stringify(rows)
    assert.doesNotMatch(stored, /canary/)
    assert.doesNotMatch(stored, new RegExp(webhookToken))
    assert.doesNotMatch(JSON.stringify(app.log.lines), /canary/)
  })

  test('ADMIN-1 a new address asks for the password again; the rest keeps it', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { id } = await connect(app, { ari: ARI, ami: AMI })
    const patch = (json: unknown) => app.call('PATCH', `/api/connections/${id}`, { json })
    for (const [json, path] of [
      [{ ari: { url: 'https://evil.example' } }, 'ari.password'],
      [{ ari: { url: 'http://pbx.example.com:8089' } }, 'ari.password'],
      [{ ari: { url: 'https://pbx.example.com:8088' } }, 'ari.password'],
      [{ ami: { host: 'evil.example' } }, 'ami.secret'],
      [{ ari: { url: 'https://pbx.example.com:8089/other' } }, 'ari.password'],
      [{ ari: { url: 'https://pbx.example.com' } }, 'ari.password'],
      [{ ari: { userName: 'other' } }, 'ari.password'],
      [{ ami: { port: 5039 } }, 'ami.secret'],
      [{ ami: { tls: true } }, 'ami.secret'],
      [{ ami: { userName: 'other' } }, 'ami.secret'],
    ] as const) {
      const refused = await patch(json)
      assert.equal(refused.status, 400, path)
      assert.deepEqual(refused.body.errors[0].path, path)
    }
    const same = { url: ARI.url, userName: ARI.userName, verifyTls: false }
    assert.equal((await patch({ ari: same })).status, 200)
    const moved = await patch({ ami: { host: 'new.example', secret: 'x' }, ari: null })
    assert.equal(moved.body.ami.host, 'new.example')
    assert.equal(moved.body.ari, null)
    const bare = await patch({ ari: { url: 'https://pbx.example.com' } })
    assert.deepEqual(
      bare.body.errors.map((error: { path: string }) => error.path),
      ['ari.userName', 'ari.events'],
    )
  })

  test('API what a connection may not be is named', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const good = { name: 'Office', timeZone: 'Europe/Minsk', country: 'BY' }
    for (const [change, path] of [
      [{ name: '' }, 'name'],
      [{ timeZone: 'Mars/Base' }, 'timeZone'],
      [{ timeZone: '' }, 'timeZone'],
      // The PBX has a file by that name, or takes its own zone for UTC without a word.
      [{ timeZone: 'europe/minsk' }, 'timeZone'],
      [{ timeZone: 'asia/kolkata' }, 'timeZone'],
      [{ timeZone: 'EUROPE/KYIV' }, 'timeZone'],
      [{ timeZone: '+03:00' }, 'timeZone'],
      [{ country: 'XX' }, 'country'],
      [{ country: 'BLR' }, 'country'],
      [{ phrases: { x: 'incoming' } }, 'phrases.x'],
      [{ timeouts: { ringingSeconds: 0 } }, 'timeouts.ringingSeconds'],
      [{ ari: { ...ARI, url: 'ftp://x' } }, 'ari.url'],
      [{ ari: { ...ARI, url: 'https://u:p@x' } }, 'ari.url'],
      [{ ari: { ...ARI, password: undefined } }, 'ari.password'],
      [{ ami: { ...AMI, userName: 'a\r\nAction: Originate' } }, 'ami.userName'],
      [{ ami: { ...AMI, secret: 'a\nb' } }, 'ami.secret'],
      [{ ami: { ...AMI, host: 'a b' } }, 'ami.host'],
      [{ ami: { ...AMI, port: 70_000 } }, 'ami.port'],
    ] as const) {
      const { status, body } = await app.call('POST', '/api/connections', {
        json: { ...good, ...change },
      })
      assert.equal(status, 400, JSON.stringify(change))
      assert.deepEqual(body.errors[0].path, path)
      assert.doesNotMatch(body.errors[0].message, /\[\^?\\/, 'a person reads this')
    }
  })

  test('CALL-2 a rotated token: the old one works for another day', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { id, webhookToken } = await connect(app)
    const rotated = await app.call('POST', `/api/connections/${id}/rotate-token`)
    assert.equal(rotated.status, 200)
    assert.notEqual(rotated.body.webhookToken, webhookToken)
    assert.equal(rotated.body.oldWorksUntil, new Date(START.getTime() + 86_400_000).toISOString())
    for (const token of [webhookToken, rotated.body.webhookToken]) {
      assert.equal(app.registry.byToken(token)?.id, id)
    }
    app.tick(86_400_000)
    assert.equal(app.registry.byToken(webhookToken), null)
    assert.equal(app.registry.byToken(rotated.body.webhookToken)?.id, id)
    const shown = await app.call('GET', `/api/connections/${id}`)
    assert.equal(shown.body.webhookToken, rotated.body.webhookToken)
  })

  test('API a token sealed with another RINGSIDE_SECRET hides no other connection, and can be replaced', async () => {
    await using app = await createTestApp((await open()).db)
    const names = { timeZone: 'UTC', country: 'BY' }
    const make = (name: string) =>
      app.call('POST', '/api/connections', { json: { name, ...names } })
    const [lost, whole] = [(await make('Lost')).body, (await make('Whole')).body]
    const other = createSeal(new Secret('another-secret-0123456789-0123456789'))
    const tokenSealed = other.seal(lost.webhookToken, `connections/${lost.id}/token`)
    await app.db.updateTable('connections').set({ tokenSealed }).where('id', '=', lost.id).execute()

    const { status, body } = await app.call('GET', '/api/connections')
    assert.equal(status, 200)
    const [first, second] = body.items
    assert.deepEqual([first.webhookToken, first.webhookUrl], ['', ''])
    assert.match(first.error, /RINGSIDE_SECRET.*rotate-token/)
    assert.deepEqual([second.webhookToken, second.error], [whole.webhookToken, null])
    assert.equal(app.log.lines[0]?.event, 'connection.token-unreadable')
    assert.equal(app.log.lines[0]?.facts.connectionId, lost.id)

    const rotated = await app.call('POST', `/api/connections/${lost.id}/rotate-token`)
    const shown = (await app.call('GET', `/api/connections/${lost.id}`)).body
    assert.deepEqual([shown.webhookToken, shown.error], [rotated.body.webhookToken, null])
    assert.equal(app.registry.byToken(lost.webhookToken)?.id, lost.id)
  })

  test('API accounts sealed with another RINGSIDE_SECRET cannot be tried out, and it is said why', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const off = { state: 'off', since: null, error: null, version: null } as const
    app.app.route(
      '/',
      connectionLinkRoutes({
        db,
        clock: app.now,
        seal: createSeal(new Secret('another-secret-0123456789-0123456789')),
        accountsOf: () => null,
        endpointsOf: () => [],
        linkStatus: () => off,
        check: async () => ({}),
      }),
    )
    const { id } = await connect(app)
    for (const [method, path] of [
      ['POST', 'test'],
      ['GET', 'endpoints'],
    ] as const) {
      const sealed = await app.call(method, `/api/connections/${id}/${path}`)
      assert.equal(sealed.status, 409)
      assert.match(sealed.body.detail, /RINGSIDE_SECRET/)
      assert.equal((await app.call(method, `/api/connections/nope/${path}`)).status, 404)
    }
  })

  test('API extensions are replaced as a whole, and an unknown agent changes nothing', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { id } = await connect(app)
    const anna = (
      await app.call('POST', '/api/agents', { json: { externalId: 'anna', name: 'A' } })
    ).body.id
    const path = `/api/connections/${id}/extensions`
    const items = [
      { extension: '101', agentId: anna },
      { extension: '102', agentId: null },
    ]
    const put = await app.call('PUT', path, { json: { items } })
    assert.deepEqual(put.body, { items, next: null })
    const unknown = await app.call('PUT', path, {
      json: { items: [{ extension: '103', agentId: 'nobody' }] },
    })
    assert.equal(unknown.status, 409)
    assert.equal(unknown.body.type, '/problems/unknown-agent')
    assert.deepEqual((await app.call('GET', path)).body.items, items)
    const agents = await app.call('GET', '/api/agents')
    assert.deepEqual(agents.body.items[0].extensions, [{ connectionId: id, extension: '101' }])
    await app.call('PUT', path, { json: { items: [] } })
    assert.deepEqual((await app.call('GET', path)).body.items, [])
    assert.equal(
      (await app.call('PUT', '/api/connections/x/extensions', { json: { items } })).status,
      404,
    )
  })

  test('API a connection is deleted only while it has no calls', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { id, webhookToken } = await connect(app)
    await sql`insert into recordings (id, connection_id, unique_id, storage_key, sha256, mime, bytes, created_at)
      values ('r', ${id}, 'u', 'k', 's', 'audio/wav', 1, now())`.execute(db)
    const kept = await app.call('DELETE', `/api/connections/${id}`)
    assert.equal(kept.status, 409)
    await sql`delete from recordings`.execute(db)
    assert.equal((await app.call('DELETE', `/api/connections/${id}`)).status, 204)
    assert.equal(app.registry.byToken(webhookToken), null)
    assert.equal((await app.call('GET', `/api/connections/${id}`)).status, 404)
  })

  test('CALL-7 the log of a connection comes newest first, page by page', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { id: connectionId } = await connect(app)
    for (const index of [1, 2, 3]) {
      await appendConnectionLog(db, {
        connectionId,
        at: START,
        kind: index === 2 ? 'unmatched' : 'refused',
        reason: `reason ${index}`,
        hint: 'hint',
        source: '10.0.0.1',
        fields: { status: 'x' },
      })
    }
    const path = `/api/connections/${connectionId}/log`
    const token = app.token({ sub: 'sue', role: 'supervisor' })
    const first = await app.call('GET', `${path}?limit=2`, { token })
    assert.deepEqual(
      first.body.items.map((item: { reason: string }) => item.reason),
      ['reason 3', 'reason 2'],
    )
    assert.deepEqual(Object.keys(first.body.items[0]), [
      'at',
      'kind',
      'reason',
      'hint',
      'source',
      'fields',
    ])
    const second = await app.call('GET', `${path}?limit=2&cursor=${first.body.next}`, { token })
    assert.deepEqual(
      second.body.items.map((item: { reason: string }) => item.reason),
      ['reason 1'],
    )
    assert.equal(second.body.next, null)
    const refused = await app.call('GET', `${path}?kind=refused`, { token })
    assert.equal(refused.body.items.length, 2)
    for (const [q, found] of [
      ['REASON 2', ['reason 2']],
      ['10.0.0', ['reason 3', 'reason 2', 'reason 1']],
      ['status', ['reason 3', 'reason 2', 'reason 1']],
      ['100%', []],
      ['_', []],
    ] as const) {
      const answer = await app.call('GET', `${path}?q=${encodeURIComponent(q)}`, { token })
      const reasons = answer.body.items.map((item: { reason: string }) => item.reason)
      assert.deepEqual(reasons, found, q)
    }
    const both = await app.call('GET', `${path}?q=reason&kind=unmatched`, { token })
    assert.equal(both.body.items.length, 1)
    assert.equal((await app.call('GET', `${path}?cursor=x`, { token })).status, 400)
  })

  test('API settings have defaults, are merged group by group, and are checked in depth', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { body: defaults } = await app.call('GET', '/api/settings')
    assert.deepEqual(
      [defaults.country, defaults.retention, defaults.claimMinutes, defaults.serviceLevelSeconds],
      ['US', { recordingsDays: 180, eventsDays: 30 }, 15, 20],
    )
    await connect(app)
    assert.equal((await app.call('GET', '/api/settings')).body.country, 'BY')
    const patched = await app.call('PATCH', '/api/settings', {
      json: { country: 'DE', retention: { eventsDays: 10 }, workingHours: { tz: 'Europe/Berlin' } },
    })
    assert.deepEqual(patched.body, {
      ...defaults,
      country: 'DE',
      retention: { recordingsDays: 180, eventsDays: 10 },
      workingHours: { ...defaults.workingHours, tz: 'Europe/Berlin' },
    })
    await app.call('PATCH', '/api/settings', { json: { retention: { recordingsDays: 5 } } })
    const { body: after } = await app.call('GET', '/api/settings')
    assert.deepEqual(after.retention, { recordingsDays: 5, eventsDays: 10 })
    for (const [json, path] of [
      [{ claimMinutes: 0 }, 'claimMinutes'],
      [{ claimMinutes: '15' }, 'claimMinutes'],
      [{ country: 'ZZ' }, 'country'],
      [{ retention: { eventsDays: -1 } }, 'retention.eventsDays'],
      [{ workingHours: { tz: 'x' } }, 'workingHours.tz'],
      [
        { workingHours: { days: [{ weekday: 8, from: '09:00', to: '10:00' }] } },
        'workingHours.days.0.weekday',
      ],
      [
        { workingHours: { days: [{ weekday: 1, from: '9', to: '10:00' }] } },
        'workingHours.days.0.from',
      ],
      [
        { workingHours: { days: [{ weekday: 1, from: '11:00', to: '10:00' }] } },
        'workingHours.days.0',
      ],
      [{ workingHours: { holidays: ['soon'] } }, 'workingHours.holidays.0'],
      [{ workingHours: { holidays: ['2026-05-01', '2026-02-30'] } }, 'workingHours.holidays.1'],
      [
        { workingHours: { days: [{ weekday: 1, from: '24:00', to: '24:00' }] } },
        'workingHours.days.0',
      ],
      [
        { workingHours: { days: [{ weekday: 1, from: '09:00', to: '24:30' }] } },
        'workingHours.days.0.to',
      ],
      [{ workingHours: { tz: '+03:00' } }, 'workingHours.tz'],
      [{ colour: 'red' }, 'colour'],
    ] as const) {
      const { status, body } = await app.call('PATCH', '/api/settings', { json })
      assert.equal(status, 400, JSON.stringify(json))
      assert.equal(body.errors[0].path, path)
    }
    assert.deepEqual((await app.call('GET', '/api/settings')).body, after)
  })

  test('ADMIN-5 fields: built-in ones first, then what the admin defines', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { body } = await app.call('GET', '/api/fields', { token: app.token() })
    assert.deepEqual(
      body.items.map((item: { key: string; inPopup: boolean }) => [item.key, item.inPopup]),
      [
        ['name', true],
        ['email', true],
        ['company', true],
        ['phones', false],
        ['note', false],
      ],
    )
    const items = [
      { key: 'name', label: 'Name', type: 'text', inPopup: true },
      { key: 'plan', label: 'Plan', type: 'choice', options: ['Basic', 'Pro'], inPopup: true },
    ]
    assert.deepEqual((await app.call('PUT', '/api/fields', { json: { items } })).body.items, items)
    assert.deepEqual((await app.call('GET', '/api/fields')).body.items, items)
    for (const [item, path] of [
      [{ key: 'name', label: 'x', type: 'text', inPopup: true }, 'items.2.key'],
      [{ key: 'a b', label: 'x', type: 'text', inPopup: true }, 'items.2.key'],
      [{ key: 'c', label: 'x', type: 'choice', inPopup: true }, 'items.2.options'],
      [{ key: 'email', label: 'x', type: 'number', inPopup: true }, 'items.2.type'],
      [{ key: 'd', label: 'x', type: 'colour', inPopup: true }, 'items.2.type'],
    ] as const) {
      const bad = await app.call('PUT', '/api/fields', { json: { items: [...items, item] } })
      assert.equal(bad.status, 400)
      assert.equal(bad.body.errors[0].path, path)
    }
  })

  test('API agents: admins add and change them, colleagues see what concerns them', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const made = await app.call('POST', '/api/agents', {
      json: { externalId: 'anna', name: 'Anna', email: 'anna@example.com', role: 'supervisor' },
    })
    assert.equal(made.status, 201)
    const { id } = made.body
    assert.deepEqual(made.body, {
      id,
      externalId: 'anna',
      name: 'Anna',
      email: 'anna@example.com',
      role: 'supervisor',
      extensions: [],
    })
    const twice = await app.call('POST', '/api/agents', { json: { externalId: 'anna', name: 'B' } })
    assert.equal(twice.status, 409)
    const token = app.token({ sub: 'anna', name: undefined })
    assert.equal((await app.call('GET', '/api/me', { token })).body.role, 'supervisor')
    await app.call('PATCH', `/api/agents/${id}`, { json: { role: 'admin' } })
    const me = await app.call('GET', '/api/settings', { token })
    assert.equal(me.status, 200, 'a changed role counts at once')
    assert.equal((await app.call('PATCH', '/api/agents/none', { json: {} })).status, 404)

    await app.call('GET', '/api/me', { token: app.token({ sub: 'bert', name: 'Bert' }) })
    await saveProcess(db, 'p', app.now())
    await savePages(db, 'p', new Map([[id, 1]]))
    const seen = await app.call('GET', '/api/agents?limit=1', {
      token: app.token({ sub: 'bert', name: 'Bert' }),
    })
    const nothing = { reason: null, since: null, until: null }
    assert.deepEqual(seen.body.items, [
      { id, name: 'Anna', extensions: [], state: 'free', ...nothing },
    ])
    const rest = await app.call('GET', `/api/agents?limit=1&cursor=${seen.body.next}`)
    assert.equal(rest.body.items[0].externalId, 'bert')
    assert.equal(rest.body.items[0].state, 'offline')
    assert.equal(rest.body.next, null)
    app.tick(61_000)
    assert.equal((await app.call('GET', '/api/agents')).body.items[0].state, 'offline')
  })

  test('API an agent who talks is busy, one who is only rung is not', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { id: connectionId } = await connect(app)
    const ids: string[] = []
    for (const name of ['a', 'b', 'c']) {
      const made = await app.call('POST', '/api/agents', { json: { externalId: name, name } })
      ids.push(made.body.id)
    }
    const leg = (
      agentId: string | undefined,
      answeredAt: string | null,
      endedAt: string | null,
    ) => ({
      extension: '1',
      agentId,
      rangAt: null,
      answeredAt,
      endedAt,
      result: 'ringing',
    })
    const at = START.toISOString()
    const legs = [leg(ids[0], at, null), leg(ids[1], null, null), leg(ids[2], at, at)]
    await sql`insert into calls (id, connection_id, unique_id, direction, state, from_raw, from_display,
      to_raw, to_display, started_at, answered_at, hold_seconds, legs, end_not_reported, extra,
      candidate_user_ids, clock_shift_ms, first_event_at, last_event_at)
      values ('c', ${connectionId}, 'u', 'incoming', 'answered', '', '', '', '', ${START}, ${START}, 0,
      ${JSON.stringify(legs)}::jsonb, false, '{}'::jsonb, '[]'::jsonb, 0, ${START}, ${START})`.execute(
      db,
    )
    const states = async () =>
      (await app.call('GET', '/api/agents')).body.items.map((item: { state: string }) => item.state)
    assert.deepEqual(await states(), ['busy', 'offline', 'offline'])
    await sql`update calls set ended_at = now()`.execute(db)
    assert.deepEqual(await states(), ['offline', 'offline', 'offline'])
  })
})
