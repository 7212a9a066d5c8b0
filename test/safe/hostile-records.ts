import type { World } from '../support/world.ts'
import { inFlight } from './access-matrix.ts'

/** What is written by people and by other programs, each with a text in each of its fields. */
export async function writeRecords(
  world: World,
  texts: readonly string[],
  made: { readonly callId: string; readonly prefix: string },
): Promise<string[]> {
  const wrong: string[] = []
  const say = (what: string, text: string, found: unknown): void => {
    wrong.push(`${what}: ${JSON.stringify(found)?.slice(0, 200)}, was ${JSON.stringify(text)}`)
  }
  const field = { key: 'custom', label: texts[0]?.trim() || 'x', type: 'text', inPopup: true }
  await world.api('PUT', '/api/fields', { items: [field] })
  const { caseId } = (await world.api('GET', `/api/calls/${made.callId}`)).body
  for (const [index, text] of texts.entries()) {
    const named = text.trim() === '' ? `x${text}` : text
    const user = {
      externalId: `${made.prefix} ${index} ${text}`.slice(0, 200),
      name: named,
      company: text,
      note: text,
      fields: { custom: text },
    }
    const written = await world.api('POST', '/api/users', user)
    if (written.status !== 201) say('user', text, written.body)
    else {
      const { body } = await world.api('GET', `/api/users/${written.body.id}`)
      for (const key of ['name', 'company', 'note'] as const) {
        if (!isSame(body[key], user[key])) say(`user.${key}`, text, body[key])
      }
      if (JSON.stringify(body.fields) !== JSON.stringify(user.fields)) {
        say('user.fields', text, body.fields)
      }
      const found = `/api/users/external/${encodeURIComponent(user.externalId)}`
      const again = await world.api('PUT', found, { name: named })
      if (again.body.id !== written.body.id) say('user by external id', text, again.body)
    }
    const note = await world.api('POST', `/api/cases/${caseId}/notes`, { text: named }, 'anna')
    if (note.status !== 201 || !isSame(note.body.text, named)) say('note', text, note.body)
    const patched = await world.api('PATCH', `/api/cases/${caseId}`, { subject: named })
    if (patched.status !== 200 || !isSame(patched.body.subject, named)) {
      say('subject', text, patched.body)
    }
    const draft = { subject: text, essence: text }
    const drafted = await world.api('PUT', `/api/calls/${made.callId}/draft`, draft, 'anna')
    if (drafted.body.essence !== text) say('draft', text, drafted.body)
  }
  return wrong
}

/** Where a question has a text, which comes last. */
export function pathsWith({ connectionId }: World): string[] {
  return [
    ...['users?q=', 'users?phone=', 'cases?q=', 'cases?status=', 'cases?assigneeId='],
    ...['calls?agentId=', 'calls?userId=', 'calls?from=', 'calls?direction=', 'calls?cursor='],
    ...['cases?cursor=', 'users?cursor=', 'users?limit=', 'audit?cursor=', 'calls/', 'cases/'],
    ...['users/', 'recordings/', 'hooks/', 'erase/', 'users/imports/', 'connections/'],
    ...['users/external/', 'audit?action=', 'reports/', `connections/${connectionId}/log?cursor=`],
    `connections/${connectionId}/log?q=`,
    'reports/channels?from=2026-01-01&to=2027-01-01&tz=UTC&queue=',
    'reports/workload?from=2026-01-01&to=2027-01-01&agentId=&tz=',
  ]
}

/** Questions with a text where something else was expected: an answer or a refusal, never a fault. */
export async function askWith(world: World, texts: readonly string[]): Promise<string[]> {
  const wrong: string[] = []
  for (const text of texts) {
    const said = encodeURIComponent(text.toWellFormed())
    await inFlight(pathsWith(world), 8, async (path) => {
      const { status } = await world.api('GET', `/api/${path}${said}`)
      if (status >= 500) wrong.push(`GET /api/${path}${said}: ${status}`)
    })
    const acts = [
      ['POST', '/api/dial', { number: text, extension: text }],
      ['PUT', '/api/me/queues', { name: text, paused: true, reason: text }],
      ['PUT', '/api/me/state', { state: 'away', reason: text }],
      ['POST', '/api/agents', { externalId: text, name: text, role: text }],
      ['POST', '/api/keys', { name: text, scopes: [text] }],
    ] as const
    for (const [method, path, body] of acts) {
      const { status } = await world.api(method, path, body, 'anna')
      if (status >= 500) wrong.push(`${method} ${path} ${JSON.stringify(body)}: ${status}`)
    }
  }
  return wrong
}

/** Texts come back as they were, without the spaces around them; nothing but spaces is nothing. */
function isSame(found: unknown, sent: string): boolean {
  return found === sent || (found ?? '') === sent.trim()
}
