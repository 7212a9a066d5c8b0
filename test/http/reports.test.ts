import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import fc from 'fast-check'
import { encodeCursor } from '../../server/http/pagination.ts'
import type { BehindView, ReportView } from '../../server/http/report-schemas.ts'
import { columnsOf, defaultGrouping, REPORT_NAMES } from '../../server/reports/columns.ts'
import { onStage } from '../support/stage.ts'
import type { Answer } from '../support/world.ts'

const DAY_MS = 86_400_000
const RECORDING = readFileSync(new URL('../../server/simulate/recording.mp3', import.meta.url))
const HOSTILE_QUEUE = '=HYPERLINK("http://x")'
const HOSTILE_NAME = '@SUM(1+1);=1'

const REFUSED: readonly { readonly query: string; readonly errors: readonly [string, RegExp][] }[] =
  [
    { query: 'from=2026-02-30', errors: [['from', /^is "2026-02-30", expected a day/]] },
    { query: 'from=yesterday', errors: [['from', /^is "yesterday", expected a day such as/]] },
    { query: 'from=2026-03-01T10:00:00', errors: [['from', /with its zone/]] },
    {
      query: 'from=2026-03-02&to=2026-03-01',
      errors: [['to', /^is "2026-03-01", expected after/]],
    },
    { query: 'from=2020-01-01&to=2026-01-01', errors: [['to', /at most 5 years/]] },
    { query: 'tz=Moon/Base', errors: [['tz', /^is "Moon\/Base", expected a time zone such as/]] },
    { query: 'tz=UTC&tz=UTC', errors: [['tz', /expected/]] },
    {
      query: 'from=x&tz=y&agentId=z',
      errors: [
        ['from', /"x"/],
        ['tz', /"y"/],
        ['agentId', /^is "z", expected the id of an agent or nobody$/],
      ],
    },
    { query: 'by=week', errors: [['by', /^is "week", expected .*day/]] },
    { query: 'direction=internal', errors: [['direction', /^is "internal", expected .*incoming/]] },
    { query: 'format=xlsx', errors: [['format', /^is "xlsx", expected .*csv/]] },
    { query: 'agentId=', errors: [['agentId', /^is "", it must have 1 to 100/]] },
    {
      query: `queue=${'q'.repeat(201)}`,
      errors: [['queue', /^is "q+…, it must have 0 to 200 characters/]],
    },
    { query: 'queue=a%00b', errors: [['queue', /U\+0000/]] },
    { query: 'queue=&queue=a%00b', errors: [['queue', /U\+0000/]] },
  ]

const REFUSED_BEHIND: typeof REFUSED = [
  { query: '', errors: [['figure', /^is missing/]] },
  { query: 'figure=incoming', errors: [['figure', /^is "incoming", expected one of newTotal, /]] },
  { query: 'figure=closed&hour=24', errors: [['hour', /expected at most 23/]] },
  {
    query: 'figure=closed&hour=1.5',
    errors: [['hour', /^is "1.5", it must be a whole number from 0 to 23$/]],
  },
  {
    query: 'figure=closed&hour=',
    errors: [['hour', /^is "", it must be a whole number from 0 to 23$/]],
  },
  { query: 'figure=closed&weekday=0', errors: [['weekday', /expected at least 1/]] },
  { query: 'figure=closed&outcome=lost', errors: [['outcome', /^is "lost", expected/]] },
  { query: 'figure=closed&limit=1000', errors: [['limit', /expected at most 200/]] },
  { query: 'figure=closed&cursor=x', errors: [['cursor', /of this list/]] },
  {
    query: `figure=closed&cursor=${encodeCursor(['2026-03-01T00:00:00.000Z', 'x'])}`,
    errors: [['cursor', /of this list/]],
  },
]

onStage((stage) => {
  const get = <T = any>(path: string, as = 'susan'): Promise<Answer<T>> =>
    stage.world.api('GET', `/api/reports/${path}`, undefined, as)
  const report = async (path: string): Promise<ReportView> => {
    const { status, body } = await get<ReportView>(path)
    assert.equal(status, 200, JSON.stringify(body))
    return body
  }
  const behind = async (path: string): Promise<BehindView> => {
    const { status, body } = await get<BehindView>(path)
    assert.equal(status, 200, JSON.stringify(body))
    return body
  }

  before(async () => {
    const { world } = stage
    await stage.conversation(stage.number(), '101')
    const recorded = await stage.conversation(stage.number(), '102')
    assert.equal(await world.record(recorded.uniqueId, RECORDING), 200)
    await stage.patch((await recorded.case()).id, 'boris', { status: 'closed' })
    await stage.missed(stage.number())
    await stage.missed(stage.number(), { queue: HOSTILE_QUEUE })
    const back = await stage.outgoing(stage.number())
    await back.end()
    world.tick(60)
    // At last: each token of theirs brings their name along.
    await world.api('PATCH', `/api/agents/${world.agents.boris}`, { name: HOSTILE_NAME })
  })

  test('REP-1 REP-7 what happened is in the reports on cases and on calls', async () => {
    const { total } = await report('workload')
    assert.deepEqual(total, {
      newTotal: 5,
      newUser: 4,
      reopened: 0,
      handled: 2,
      responded: 1,
      closed: 1,
    })
    const calls = (await report('calls?by=none')).total
    assert.deepEqual(
      [calls.incoming, calls.answered, calls.missed, calls.abandoned, calls.outgoing],
      [4, 2, 2, 1, 1],
    )
  })

  test('REP each report has its columns, its own rows unless asked otherwise, and 30 days until tonight', async () => {
    for (const name of REPORT_NAMES) {
      const found = await report(name)
      const by = defaultGrouping(name)
      assert.deepEqual([found.report, found.by, found.tz], [name, by, 'UTC'])
      const today = Date.parse(stage.world.now().toISOString().slice(0, 10))
      assert.equal(found.to, new Date(today + DAY_MS).toISOString())
      assert.equal(found.from, new Date(today - 29 * DAY_MS).toISOString())
      assert.equal(found.previousFrom, new Date(today - 59 * DAY_MS).toISOString())
      assert.equal(found.previousTo, found.from)
      assert.deepEqual(found.targets, { serviceLevelSeconds: 20, resolutionSeconds: 86_400 })
      assert.deepEqual(found.columns, columnsOf(name, by))
      const keys = found.columns.map(({ key }) => key).sort()
      for (const values of [found.total, found.previous, ...found.rows.map((row) => row.values)]) {
        assert.deepEqual(Object.keys(values).sort(), keys)
        for (const value of Object.values(values)) {
          assert.ok(value === null || Number.isFinite(value), JSON.stringify(values))
        }
      }
      for (const { key } of found.columns.filter(({ applies }) => !applies)) {
        assert.deepEqual([found.total[key], found.previous[key]], [null, null])
      }
    }
  })

  for (const { by, keys, rows } of [
    { by: 'day', keys: ['date'], rows: 30 },
    { by: 'hour-of-week', keys: ['hour', 'weekday'], rows: 168 },
    { by: 'hour', keys: ['hour'], rows: 24 },
    { by: 'channel', keys: ['direction', 'outcome', 'queue'], rows: 4 },
    { by: 'agent', keys: ['agentId'], rows: 3 },
    { by: 'queue', keys: ['queue'], rows: 2 },
    { by: 'none', keys: [], rows: 0 },
  ]) {
    test(`REP rows by ${by} say of what they are`, async () => {
      for (const name of ['workload', 'calls']) {
        const found = await report(`${name}?by=${by}`)
        assert.equal(found.rows.length, rows, name)
        for (const { group } of found.rows) assert.deepEqual(Object.keys(group).sort(), keys)
      }
    })
  }

  test('REP filters: agents, nobody, queues, none, direction, and several of them', async () => {
    const { anna, boris } = stage.world.agents
    const queue = encodeURIComponent(HOSTILE_QUEUE)
    for (const [query, expected] of [
      [`agentId=${anna}`, 2],
      [`agentId=${boris}`, 1],
      ['agentId=nobody', 2],
      [`agentId=nobody&agentId=${boris}`, 3],
      [`queue=${queue}`, 1],
      ['queue=', 4],
      [`queue=&queue=${queue}`, 5],
      ['queue=nowhere', 0],
      ['direction=outgoing', 1],
      [`direction=incoming&agentId=${anna}`, 1],
      ['unknown=parameter', 5],
    ] as const) {
      assert.equal((await report(`workload?${query}`)).total.newTotal, expected, query)
    }
  })

  test('REP-8 days and hours are those of the zone that is asked for', async () => {
    const found = await report('workload?from=2026-03-29&to=2026-03-30&tz=Europe/Berlin&by=day')
    assert.equal(found.from, '2026-03-28T23:00:00.000Z')
    assert.equal(found.to, '2026-03-29T22:00:00.000Z')
    assert.deepEqual(
      found.rows.map(({ group }) => group),
      [{ date: '2026-03-29' }],
    )
    const months = await report('workload?from=2026-03-01&to=2026-04-01&tz=Asia/Kathmandu')
    assert.equal(months.previousFrom, '2026-01-31T18:15:00.000Z')
    assert.equal(months.previousTo, '2026-02-28T18:15:00.000Z')
    assert.equal(months.rows.length, 31)
  })

  test('REP without a zone: that of the working hours', async () => {
    const set = (tz: string) =>
      stage.world.api('PATCH', '/api/settings', { workingHours: { tz }, serviceLevelSeconds: 10 })
    assert.equal((await set('Asia/Kathmandu')).status, 200)
    const found = await report('calls?from=2026-03-01&to=2026-03-02')
    assert.deepEqual([found.tz, found.from], ['Asia/Kathmandu', '2026-02-28T18:15:00.000Z'])
    assert.equal(found.targets.serviceLevelSeconds, 10)
    await stage.world.api('PATCH', '/api/settings', {
      workingHours: { tz: 'UTC' },
      serviceLevelSeconds: 20,
    })
  })

  describe('REP what is behind a figure', () => {
    for (const name of REPORT_NAMES) {
      test(`REP ${name}: as many things as each number says, with the case or call`, async () => {
        const { columns, total, rows } = await report(name)
        for (const { key, unit, applies } of columns) {
          const { items } = await behind(`${name}/behind?figure=${key}&limit=200`)
          if (unit === 'count') assert.equal(items.length, total[key] ?? 0, key)
          if (!applies) assert.deepEqual(items, [])
          for (const item of items) {
            assert.equal(name === 'calls' ? item.call === null : item.case === null, false, key)
          }
          const times = items.map(({ at }) => at)
          assert.deepEqual(times, [...times].sort().reverse(), key)
        }
        assert.ok(rows.length > 0)
      })
    }

    test('REP a row’s figure: by its agent, channel, day, hour', async () => {
      const lengthOf = async (query: string) =>
        (await behind(`leaderboard/behind?figure=handled&limit=200&${query}`)).items.length
      for (const { group, values } of (await report('leaderboard')).rows) {
        assert.equal(await lengthOf(`agentId=${group.agentId ?? 'nobody'}`), values.handled)
      }
      for (const { group, values } of (await report('leaderboard?by=channel')).rows) {
        const { direction, outcome, queue } = group
        const query = `direction=${direction}&outcome=${outcome ?? ''}&queue=${encodeURIComponent(queue ?? '')}`
        assert.equal(await lengthOf(query), values.handled, query)
      }
      for (const { group, values } of (await report('leaderboard?by=day')).rows) {
        const next = new Date(Date.parse(String(group.date)) + DAY_MS).toISOString().slice(0, 10)
        assert.equal(await lengthOf(`from=${group.date}&to=${next}`), values.handled)
      }
      for (const { group, values } of (await report('leaderboard?by=hour-of-week')).rows) {
        if (values.handled === 0) continue
        const query = `by=hour-of-week&hour=${group.hour}&weekday=${group.weekday}`
        assert.equal(await lengthOf(query), values.handled, query)
      }
    })

    test('REP pages by cursor hold each thing once', async () => {
      for (const path of ['workload/behind?figure=newTotal', 'calls/behind?figure=incoming']) {
        const whole = (await behind(path)).items
        const paged: unknown[] = []
        let next: string | null = null
        do {
          const page: BehindView = await behind(
            `${path}&limit=2${next === null ? '' : `&cursor=${next}`}`,
          )
          paged.push(...page.items)
          next = page.next
        } while (next !== null)
        assert.equal(whole.length, path.startsWith('calls') ? 4 : 5)
        assert.deepEqual(paged, whole)
      }
    })

    for (const { query, errors } of [...REFUSED, ...REFUSED_BEHIND]) {
      test(`REP behind: refused with its name: ${query.slice(0, 60)}`, async () => {
        const asked = query.includes('figure=') || query === '' ? query : `figure=closed&${query}`
        // Only a report has a format.
        if (query.startsWith('format')) return
        assertRefused(await get(`workload/behind?${asked}`), errors)
      })
    }
  })

  for (const { query, errors } of REFUSED) {
    test(`REP refused with its name: ${query.slice(0, 60)}`, async () => {
      assertRefused(await get(`workload?${query}`), errors)
    })
  }

  test('SAFE-3 whatever is asked for is answered or refused', async () => {
    const odd = fc.constantFrom(
      '',
      'x',
      '0',
      '-1',
      '1e9',
      '\u0000',
      "' or 1=1 --",
      '\ud83d',
      '=1+1',
    )
    const day = fc.constantFrom(
      '2026-03-01',
      '2026-03-29',
      '0000-00-00',
      '9999-12-31',
      '1970-01-01',
    )
    const at = fc.constantFrom('2026-03-01T10:00:00Z', '2026-03-01T10:00:00.123456789+14:00')
    const one = <T extends string>(...known: readonly T[]) =>
      fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, odd)
    const asked = fc.record(
      {
        from: fc.oneof(day, at, odd),
        to: fc.oneof(day, at, odd),
        tz: one(
          'Asia/Kathmandu',
          'Australia/Lord_Howe',
          'America/St_Johns',
          'europe/berlin',
          '+05:00',
        ),
        agentId: one('nobody', stage.world.agents.anna),
        queue: one('', HOSTILE_QUEUE, '\\', '{a,b}', '"'),
        direction: one('incoming', 'outgoing'),
        by: one('day', 'hour-of-week', 'hour', 'channel', 'agent', 'queue', 'none'),
        format: one('json', 'csv'),
        hour: one('0', '23'),
        weekday: one('1', '7'),
        outcome: one('', 'missed'),
        limit: one('1', '200'),
        cursor: one(encodeCursor(['2026-03-01T00:00:00.000Z', '1']), encodeCursor(['x', 1])),
      },
      { requiredKeys: [] },
    )
    const figures = columnsOf('leaderboard', 'none').map(({ key }) => key)
    const path = fc.oneof(
      fc.constantFrom(...REPORT_NAMES),
      fc.constantFrom(...figures).map((figure) => `leaderboard/behind?figure=${figure}`),
      fc.constantFrom('ring90', 'missed').map((figure) => `calls/behind?figure=${figure}`),
    )
    await fc.assert(
      fc.asyncProperty(path, asked, async (to, query) => {
        const { status, body } = await get(
          `${to}${to.includes('?') ? '&' : '?'}${new URLSearchParams(query)}`,
        )
        assert.ok(status === 200 || status === 400, `${status} ${JSON.stringify(body)}`)
        if (status === 400) assert.ok(body.errors.length > 0)
      }),
      { numRuns: 200 },
    )
  })

  test('REP a report that there is not: 404 with those that there are', async () => {
    for (const path of [
      'nonsense',
      'nonsense/behind?figure=closed',
      'toString',
      '%00',
      'Workload',
    ]) {
      const { status, body } = await get(path)
      assert.equal(status, 404, path)
      if (path !== '%00') assert.match(body.detail, /expected one of workload, peak-load/)
    }
  })

  test('SAFE-2 reports are for supervisors and admins', async () => {
    for (const path of ['workload', 'calls?format=csv', 'workload/behind?figure=closed', 'none']) {
      assert.equal((await get(path, 'anna')).status, 403, path)
      for (const as of ['susan', 'admin']) {
        assert.equal((await get(path, as)).status, path === 'none' ? 404 : 200, path)
      }
    }
  })

  describe('REP CSV', () => {
    const csv = async (path: string) => {
      const answer = await fetch(`${stage.world.url}/api/reports/${path}`, {
        headers: { authorization: `Bearer ${stage.world.token('susan')}`, origin: 'http://x' },
      })
      const bytes = Buffer.from(await answer.arrayBuffer())
      return { headers: answer.headers, text: bytes.toString(), bytes }
    }

    test('REP CSV is a file with a name, for spreadsheets, and can be read across origins', async () => {
      const { headers, bytes } = await csv(
        'leaderboard?format=csv&from=2026-03-01&to=2026-04-01&tz=Europe/Berlin',
      )
      assert.equal(headers.get('content-type'), 'text/csv; charset=utf-8')
      assert.equal(
        headers.get('content-disposition'),
        'attachment; filename="ringside-leaderboard-2026-03-01-2026-03-31.csv"',
      )
      assert.match(String(headers.get('access-control-expose-headers')), /content-disposition/)
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf])
    })

    test('REP CSV has the numbers of the JSON', async () => {
      for (const name of REPORT_NAMES) {
        const { columns, rows, total, previous } = await report(name)
        const lines = (await csv(`${name}?format=csv`)).text.slice(1).split('\r\n')
        assert.equal(lines.at(-1), '')
        assert.equal(lines.length, rows.length + 4, name)
        assert.match(String(lines.at(-3)), /^"total",/)
        assert.match(String(lines.at(-2)), /^"previous",/)
        const written = (values: ReportView['total']) =>
          columns
            .map(({ key, applies }) =>
              applies ? String(values[key] ?? '') : '"does not apply to calls"',
            )
            .join(',')
        for (const [i, values] of [...rows.map((row) => row.values), total, previous].entries()) {
          assert.ok(lines[i + 1]?.endsWith(`,${written(values)}`), lines[i + 1])
        }
      }
    })

    test('SAFE-1 names of agents and queues are no formulas', async () => {
      const agents = (await csv('leaderboard?format=csv')).text
      assert.ok(agents.includes(`"'@SUM(1+1);'=1","${stage.world.agents.boris}"`), agents)
      const queues = (await csv('calls?format=csv&by=queue')).text
      assert.ok(queues.includes(`"'=HYPERLINK(""http://x"")"`), queues)
    })
  })
})

function assertRefused(
  { status, body }: Answer,
  expected: readonly (readonly [string, RegExp])[],
): void {
  assert.equal(status, 400, JSON.stringify(body))
  const { errors } = body as { errors: { path: string; message: string }[] }
  assert.deepEqual(
    errors.map(({ path }) => path),
    expected.map(([path]) => path),
  )
  for (const [i, [, message]] of expected.entries()) {
    assert.match(String(errors[i]?.message), message)
  }
}
