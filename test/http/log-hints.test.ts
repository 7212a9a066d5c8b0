import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test, { after, before, describe } from 'node:test'
import { onEachDatabase } from '../support/database.ts'
import { createWorld, type World } from '../support/world.ts'

const RECORD = ['status=record', 'unique_id=1.1']
const GOOD = 'unique_id=7.7&status=incoming_ring&to_user=101&from_user=79160001122'
const end = (more: string): string =>
  `unique_id=7.8&status=incoming_end&to_user=101&from_user=79160001122${more}`

interface Row {
  readonly reason: RegExp
  /** A word of what to do. */
  readonly hint: RegExp
  readonly body?: string | FormData
  readonly type?: string
  readonly cti?: boolean
  readonly headers?: Record<string, string>
}

const form = (
  fields: readonly string[],
  files: readonly (readonly [string, string])[],
): FormData => {
  const data = new FormData()
  for (const each of fields) data.append(...(each.split('=') as [string, string]))
  for (const [name, content] of files) data.append(name, new Blob([content]), 'a.mp3')
  return data
}

/** Every reason for which an admin finds a line in the log. */
const ROWS: readonly Row[] = [
  { reason: /^unique_id is missing/, hint: /\$\{UNIQUEID\}/, body: 'status=incoming_ring' },
  {
    reason: /^unique_id is ".*at most/,
    hint: /comma/,
    body: `status=record&unique_id=${'1'.repeat(200)}`,
  },
  {
    reason: /^unique_id is "incoming_ring"/,
    hint: /comma/,
    body: 'status=1.1&unique_id=incoming_ring',
  },
  { reason: /^status is missing/, hint: /status/, body: 'unique_id=1.1' },
  { reason: /^status is "klingelt"/, hint: /phrases/, body: 'unique_id=1.1&status=klingelt' },
  {
    reason: /^status is "1763680823\.12"/,
    hint: /unique id/,
    body: 'unique_id=1.1&status=1763680823.12',
  },
  { reason: /^datetime is "31\/12\/21"/, hint: /STRFTIME/, body: `${GOOD}&datetime=31/12/21` },
  {
    reason: /^to_user is missing.*rings/,
    hint: /101%2C102/,
    body: 'unique_id=1.1&status=incoming_ring',
  },
  {
    reason: /^to_user is missing.*answered/,
    hint: /101%2C102/,
    body: 'unique_id=1.1&status=incoming_answer',
  },
  {
    reason: /^to_user is missing.*called/,
    hint: /number dialled/,
    body: 'unique_id=1.1&status=outgoing_answer',
  },
  { reason: /^record is missing/, hint: /curl -F/, body: RECORD.join('&') },
  { reason: /^body cannot be read as JSON/, hint: /quotes/, body: '{"a', type: 'application/json' },
  {
    reason: /^body cannot be read as multipart/,
    hint: /curl/,
    body: 'x',
    type: 'multipart/form-data',
  },
  {
    reason: /^record is an empty file/,
    hint: /after the recording/,
    body: form(RECORD, [['record', '']]),
  },
  {
    reason: /^record is not an audio file/,
    hint: /MixMonitor/,
    body: form(RECORD, [['record', '<html>']]),
  },
  {
    reason: /more than \d+ files/,
    hint: /several requests/,
    body: form([...RECORD, ...Array.from({ length: 500 }, () => 'a=1')], []),
  },
  { reason: /too large/, hint: /RECORDING_MAX_BYTES/, body: 'x='.padEnd(100_000, 'y') },
  {
    reason: /came from a browser/,
    hint: /dialplan/,
    body: GOOD,
    headers: { origin: 'https://a.example' },
  },
  { reason: /^event is missing/, hint: /event of a call/, cti: true, body: 'x=1' },
  { reason: /^event is "ring"/, hint: /need not/, cti: true, body: 'event=ring' },
  { reason: /^callId is missing/, hint: /same one/, cti: true, body: 'event=answer' },
  {
    reason: /^callId is ".*at most/,
    hint: /shorter/,
    cti: true,
    body: `event=answer&callId=${'1'.repeat(300)}`,
  },
  {
    reason: /^direction is missing/,
    hint: /customer calls/,
    cti: true,
    body: 'event=answer&callId=1',
  },
  {
    reason: /^direction is "up"/,
    hint: /customer calls/,
    cti: true,
    body: 'event=answer&callId=1&direction=up',
  },
  {
    reason: /^to is missing/,
    hint: /dialled/,
    cti: true,
    body: 'event=newCall&callId=1&direction=in',
  },
  // What was left out of an event that was taken.
  { reason: /^a field is named "__proto__"/, hint: /another name/, body: `${GOOD}&__proto__=1` },
  {
    reason: /^more than 200 fields/,
    hint: /only the fields/,
    body: `${GOOD}${'&a=1'.repeat(210)}`,
  },
  { reason: /was cut at/, hint: /Shorten/, body: `${GOOD}&note=${'x'.repeat(9000)}` },
  {
    reason: /^to_user names 2 extensions/,
    hint: /channel that answered/,
    body: 'unique_id=7.7&status=incoming_answer&to_user=101%2C102&from_user=79160001122',
  },
  { reason: /^call_duration is "long"/, hint: /billsec/, body: end('&call_duration=long') },
  // What could not be matched.
  {
    reason: /999 is mapped to nobody/,
    hint: /Assign the extension/,
    body: 'unique_id=8.1&status=incoming_ring&to_user=999&from_user=79160001133',
  },
]

onEachDatabase((open) => {
  describe('the log', () => {
    let world: World
    before(async () => {
      world = await createWorld(open)
    })
    after(() => world.close())
    const entries = async () => {
      await world.settled()
      return (await world.api('GET', `/api/connections/${world.connectionId}/log?limit=200`)).body
        .items
    }
    const send = (row: Row): Promise<Response> =>
      fetch(row.cti === true ? world.webhookUrl.replace('/asterisk/', '/cti/') : world.webhookUrl, {
        method: 'POST',
        body: row.body ?? '',
        headers: {
          ...(row.body instanceof FormData
            ? {}
            : { 'content-type': row.type ?? 'application/x-www-form-urlencoded' }),
          ...row.headers,
        },
      })

    for (const row of ROWS)
      test(`CALL-7 ADMIN-4 ${row.reason.source}: what should I do?`, async () => {
        await send(row)
        // The answer does not wait for the log.
        let found: { hint: string } | undefined
        for (let tries = 0; found === undefined && tries < 200; tries += 1)
          found = (await entries()).find(({ reason }: { reason: string }) =>
            row.reason.test(reason),
          )
        assert.ok(found !== undefined, JSON.stringify((await entries())[0]))
        assert.match(found.hint, row.hint)
      })

    test('CALL-7 ADMIN-4 a recording of no call yet, and one that is not wanted', async () => {
      const audio = await readFile(new URL('../fixtures/audio/plain.mp3', import.meta.url))
      assert.equal(await world.record('77.77', audio), 200)
      const path = `/api/connections/${world.connectionId}`
      await world.api('PATCH', path, { recordings: false })
      assert.equal(await world.record('77.78', audio), 200)
      const hints = async (reason: RegExp): Promise<string> =>
        (await entries()).find((each: { reason: string }) => reason.test(each.reason))?.hint ?? ''
      assert.match(await hints(/no call has the unique id 77\.77 yet/), /same unique_id/)
      for (let tries = 0; (await hints(/switched off/)) === '' && tries < 200; tries += 1);
      assert.match(await hints(/switched off/), /Switch recordings on/)
      await world.api('PATCH', path, { recordings: true })
    })

    test('CALL-7 no line of the log is without what to do', async () => {
      for (const { reason, hint } of await entries()) assert.ok(hint.length > 10, reason)
    })
  })
})

test('CALL-7 every place that refuses is in the table above: a new one needs its line', async () => {
  const count = async (file: string, pattern: RegExp): Promise<number> =>
    [...(await readFile(file, 'utf8')).matchAll(pattern)].length
  const calls = /(?:return|:|\?)\s+(?:refuse|refuseMissing)\(|notices\.push\(/g
  assert.deepEqual(
    [
      await count('server/sources/webhook-parse.ts', calls),
      await count('server/sources/cti-parse.ts', calls),
      await count('server/sources/webhook-decode.ts', /\bhint:|notices\.push\(/g),
      await count('server/http/read-multipart.ts', /\bhint:/g),
      await count('server/http/webhooks.ts', /\bhint:/g),
      await count('server/http/routes/webhook-log.ts', /\bhint:/g),
      await count('server/pipeline/unmatched.ts', /\breturn '/g),
    ],
    [11, 7, 4, 4, 1, 3, 3],
  )
})
