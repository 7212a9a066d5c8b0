import type { World } from '../support/world.ts'

/** All of a list, page by page. */
export async function listAll<T>(world: World, path: string): Promise<T[]> {
  const found: T[] = []
  let cursor = ''
  do {
    const { body } = await world.api('GET', `${path}&limit=200${cursor}`)
    found.push(...body.items)
    cursor = body.next === null ? '' : `&cursor=${encodeURIComponent(body.next)}`
  } while (cursor !== '')
  return found
}

/** Fields, agents, keys and connections with the texts as their names. */
export async function prepare(world: World, texts: readonly string[]): Promise<void> {
  const [first = 'x', second = 'y'] = texts.filter(
    (text) => text.trim() !== '' && text.length < 150,
  )
  await world.api('PUT', '/api/fields', {
    items: [
      { key: 'custom', label: first, type: 'text', inPopup: true },
      { key: 'site', label: second, type: 'link', inPopup: true },
    ],
  })
  for (const [index, text] of texts.entries()) {
    const name = nameOf(text, index)
    await world.api('POST', '/api/agents', { externalId: `h${index}`, name })
    await world.api('POST', '/api/keys', { name, scopes: ['read'] })
    if (index % 4 === 0) {
      await world.api('POST', '/api/connections', { name, timeZone: 'UTC', country: 'RU' })
    }
  }
}

/** One case whose subject was each of the texts, with all of them as notes. */
export async function fillCase(world: World, texts: readonly string[]): Promise<string> {
  const { id } = (await world.cases())[0]!
  for (const text of texts) {
    const named = text.trim() === '' ? 'x' : text
    await world.api('PATCH', `/api/cases/${id}`, { subject: named }, 'anna')
    await world.api('POST', `/api/cases/${id}/notes`, { text: named }, 'anna')
  }
  const others = await world.cases()
  for (const [index, { id }] of others.slice(1).entries()) {
    const subject = texts[index % texts.length]!
    await world.api('PATCH', `/api/cases/${id}`, { subject: subject.trim() || 'x' })
  }
  return id
}

/** Agents who have the texts as their names close a case each: reports tell of them. */
export async function letAgentsAct(world: World, texts: readonly string[]): Promise<void> {
  const agents = await listAll<{ id: string; externalId: string }>(world, '/api/agents?')
  const cases = await listAll<{ id: string }>(world, '/api/cases?status=open')
  for (const [index, text] of texts.entries()) {
    const as = `h${index}`
    const agent = agents.find(({ externalId }) => externalId === as)
    const one = cases[index]
    if (agent === undefined || one === undefined) continue
    await world.api('POST', `/api/cases/${one.id}/claim`, {}, as)
    await world.api('POST', `/api/cases/${one.id}/notes`, { text: 'done' }, as)
    await world.api('PATCH', `/api/cases/${one.id}`, { status: 'closed' }, as)
    // The token has named the agent by its id.
    await world.api('PATCH', `/api/agents/${agent.id}`, { name: nameOf(text, index) })
  }
}

function nameOf(text: string, index: number): string {
  return (text.trim() === '' ? `x${index}` : text.trim()).slice(0, 190)
}

/** Somebody waits in a queue of each name. */
export async function waitInQueues(world: World, texts: readonly string[]): Promise<void> {
  for (const [index, text] of texts.entries()) {
    const call = { unique_id: `1643000000.${index + 1}`, from_user: `7917${1_000_000 + index}` }
    await world.hook({ ...call, status: 'incoming_start', to_user: text })
    await world.hook({ ...call, status: 'call to queue', queue: text, to_user: '103' })
  }
}
