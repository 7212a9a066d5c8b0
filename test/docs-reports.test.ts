import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { reportQuery } from '../server/http/report-schemas.ts'
import { columnsOf, defaultGrouping, REPORT_NAMES } from '../server/reports/columns.ts'
import { openInMemory } from './support/in-memory.ts'
import { ADMIN_KEY, createWorld } from './support/world.ts'

const page = readFileSync('docs/reports.md', 'utf8')
const section = (title: string): string => page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? ''
/** The cells of the table rows of a text. */
const rowsOf = (text: string): string[][] =>
  [...text.matchAll(/^\| (?!---)(.*) \|$/gm)].map(([, row = '']) => row.split(' | '))
const keysIn = (text: string): string[] =>
  [...text.matchAll(/`([\w ]+)`/g)].flatMap(([, keys = '']) => keys.split(' '))

test('docs/reports.md has every report with its columns and its rows', () => {
  const told = rowsOf(section('Asking for a report')).filter(([name = '']) =>
    REPORT_NAMES.some((each) => `\`${each}\`` === name),
  )
  assert.deepEqual(
    told.map(([name, , by]) => [name, by]),
    REPORT_NAMES.map((name) => [`\`${name}\``, `\`${defaultGrouping(name)}\``]),
  )
  for (const [i, name] of REPORT_NAMES.entries()) {
    if (name === 'calls') continue
    const keys = columnsOf(name, 'none').map(({ key }) => key)
    assert.deepEqual(keysIn(told[i]?.[1] ?? ''), keys, name)
  }
})

test('docs/reports.md says what each figure counts, each once', () => {
  const figures = (title: string) => rowsOf(section(title)).flatMap(([, keys = '']) => keysIn(keys))
  const ofCalls = columnsOf('calls', 'none').map(({ key }) => key)
  assert.deepEqual(figures('Calls').sort(), ofCalls.sort())
  const others = REPORT_NAMES.filter((name) => name !== 'calls')
  const ofCases = others.flatMap((name) => columnsOf(name, 'none').map(({ key }) => key))
  assert.deepEqual(figures('Cases').sort(), [...new Set(ofCases)].sort())
})

test('docs/reports.md has every parameter', () => {
  const told = rowsOf(section('Asking for a report')).map(([name]) => name)
  for (const name of Object.keys(reportQuery.entries)) assert.ok(told.includes(`\`${name}\``), name)
})

test('docs/reports.md points to sections that there are', () => {
  const anchors = [...page.matchAll(/^## (.*)$/gm)].map(
    ([, title = '']) => `#${title.toLowerCase().replaceAll(' ', '-')}`,
  )
  const links = [...page.matchAll(/\]\((#[^)]+)\)/g)].map(([, link = '']) => link)
  assert.ok(links.length > 5)
  assert.deepEqual(
    links.filter((link) => !anchors.includes(link)),
    [],
  )
})

test('docs/reports.md: its examples work on a real server, and its answer looks as it says', async () => {
  await using database = await openInMemory()
  await using world = await createWorld(async () => database)
  const shell = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) => text)
  const examples = shell.map((text) => ({
    method: /curl -X (\w+)/.exec(text)?.[1] ?? 'GET',
    path: /https:\/\/calls\.example\.com([^'\s]+)/.exec(text)?.[1] ?? '',
    body: /-d '([\s\S]*?)'/.exec(text)?.[1] ?? null,
  }))
  assert.equal(examples.length, 4)
  for (const { method, path, body } of examples) {
    const answer = await fetch(world.url + path, {
      method,
      body,
      headers: {
        authorization: `Bearer ${ADMIN_KEY}`,
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
    })
    assert.equal(answer.status, 200, `${method} ${path}: ${await answer.text()}`)
    if (!path.includes('format=csv')) continue
    const name = /saves `([^`]+)`/.exec(page)?.[1]
    assert.equal(answer.headers.get('content-disposition'), `attachment; filename="${name}"`)
  }
  const shown = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '')
  // The settings that the page sets are others than the usual ones, which its answer shows.
  await world.api('PATCH', '/api/settings', { sla: { resolutionSeconds: 86_400 } })
  const { body } = await world.api('GET', examples[0]?.path ?? '', undefined, 'susan')
  assert.deepEqual(Object.keys(body).sort(), Object.keys(shown).sort())
  for (const key of ['report', 'by', 'tz', 'from', 'to', 'previousFrom', 'previousTo', 'targets']) {
    assert.deepEqual(body[key], shown[key], key)
  }
  assert.deepEqual(body.columns[0], shown.columns[0])
  assert.deepEqual(body.rows[0].group, shown.rows[0].group)
})
