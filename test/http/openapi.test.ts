import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openInMemory } from '../support/in-memory.ts'
import { createWorld, type World } from '../support/world.ts'

/** Page 6, as far as it is built. */
const ROUTES = `
  get /healthz | get /readyz | get /metrics | get /widget.js
  post /webhooks/asterisk/{token} | get /webhooks/asterisk/{token} | post /webhooks/cti/{token}
  get /api/me | get /api/stream
  get /api/calls | get /api/calls/{id} | get /api/calls/{id}/trace
  get /api/calls/{id}/draft | put /api/calls/{id}/draft
  post /api/calls/{id}/close | post /api/calls/{id}/case | post /api/calls/{id}/fix
  post /api/calls/{id}/user | post /api/calls/{id}/dismiss
  post /api/calls/{id}/actions/answer
  post /api/calls/{id}/actions/hangup
  post /api/calls/{id}/actions/hold
  post /api/calls/{id}/actions/resume
  post /api/calls/{id}/actions/mute
  post /api/calls/{id}/actions/unmute
  post /api/calls/{id}/actions/dtmf
  post /api/calls/{id}/actions/transfer
  post /api/calls/{id}/actions/transfer-complete
  post /api/calls/{id}/actions/transfer-cancel
  post /api/calls/{id}/actions/park
  post /api/calls/{id}/actions/retrieve
  post /api/calls/{id}/actions/pause-recording
  post /api/calls/{id}/actions/resume-recording
  post /api/dial | put /api/me/state | get /api/queues | put /api/me/queues
  get /api/users | post /api/users | get /api/users/{id} | patch /api/users/{id} | delete /api/users/{id}
  put /api/users/external/{externalId} | post /api/users/import | get /api/users/imports/{id}
  get /api/cases | get /api/cases/{id} | patch /api/cases/{id} | post /api/cases/{id}/notes
  post /api/cases/{id}/claim | post /api/cases/{id}/release | get /api/cases/{id}/history
  patch /api/cases/{id}/messages/{messageId}
  get /api/recordings/{id} | get /api/recordings/{id}/audio | get /api/recordings/{id}/peaks
  get /api/connections | post /api/connections | get /api/connections/{id}
  patch /api/connections/{id} | delete /api/connections/{id}
  put /api/connections/{id}/extensions | get /api/connections/{id}/extensions
  post /api/connections/test | post /api/connections/{id}/test | get /api/connections/{id}/endpoints
  get /api/connections/{id}/dialplan | get /api/connections/{id}/checklist
  get /api/connections/{id}/log | post /api/connections/{id}/rotate-token
  get /api/agents | post /api/agents | patch /api/agents/{id} | delete /api/agents/{id}
  put /api/agents/{id}/extensions | post /api/agents/{id}/sign-in-link
  get /api/reports/{report} | get /api/reports/{report}/behind
  get /api/fields | put /api/fields | get /api/settings | patch /api/settings
  get /api/hooks | post /api/hooks | get /api/hooks/{id} | patch /api/hooks/{id} | delete /api/hooks/{id}
  post /api/hooks/{id}/rotate-secret | post /api/hooks/{id}/test
  get /api/hooks/{id}/deliveries | post /api/hooks/{id}/deliveries/{deliveryId}/resend
  get /api/settings/embed-secret | post /api/settings/embed-secret/reveal
  post /api/settings/embed-secret/rotate | delete /api/settings/embed-secret/replaced
  get /api/audit | post /api/erase | get /api/erase/{id} | get /api/keys | post /api/keys | delete /api/keys/{id}
  post /api/sign-in | post /api/session | delete /api/session
  get /api/agents/{id}/sign-ins | delete /api/agents/{id}/sign-ins
  delete /api/agents/{id}/sign-ins/{keyId}
`
  .split(/[|\n]/)
  .map((line) => line.trim())
  .filter((line) => line !== '')

interface Operation {
  readonly summary?: string
  readonly security?: readonly unknown[]
  readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> }
  readonly responses: Record<string, object>
}

let world: World
let paths: Record<string, Record<string, Operation>>
const databases: { close: () => Promise<void> }[] = []

before(async () => {
  const database = await openInMemory()
  databases.push(database)
  world = await createWorld(async () => database)
  paths = (await (await fetch(`${world.url}/openapi.json`)).json()).paths
})
after(async () => {
  await world.close()
  for (const database of databases) await database.close()
})

for (const route of ROUTES) {
  test(`page 6: ${route} is described`, () => {
    const [method = '', path = ''] = route.split(' ')
    const operation = paths[path]?.[method]
    assert.ok(operation, `openapi.json has no ${route}`)
    assert.ok(operation.summary)
    if (['post', 'put', 'patch'].includes(method) && operation.requestBody !== undefined) {
      for (const { schema } of Object.values(operation.requestBody.content)) assert.ok(schema)
    }
  })
}

test('REP openapi.json says what a report can be asked for, and that it comes as CSV too', () => {
  const { responses, parameters } = paths['/api/reports/{report}']!.get! as Operation & {
    readonly parameters: readonly { readonly name: string; readonly in: string }[]
    readonly responses: Record<string, { readonly content?: object }>
  }
  assert.deepEqual(Object.keys(responses['200']?.content ?? {}), ['application/json', 'text/csv'])
  assert.deepEqual(
    parameters.map((each) => `${each.in} ${each.name}`).sort(),
    [
      ...['agentId', 'by', 'direction', 'format', 'from', 'queue', 'to', 'tz'].map(
        (name) => `query ${name}`,
      ),
      'path report',
    ].sort(),
  )
})

test('SAFE-2 every route of the API that is described refuses who has no token', async () => {
  const open: string[] = []
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (!path.startsWith('/api/')) continue
      const answer = await fetch(world.url + path.replaceAll(/\{\w+\}/g, 'x'), {
        method: method.toUpperCase(),
        ...(method === 'get'
          ? {}
          : { body: '{}', headers: { 'content-type': 'application/json' } }),
      })
      await answer.text()
      const isPublic = operation.security?.length === 0
      if (!isPublic && answer.status !== 401) open.push(`${method} ${path}: ${answer.status}`)
      if (answer.status < 300) open.push(`${method} ${path}: ${answer.status}`)
    }
  }
  assert.deepEqual(open, [])
})
