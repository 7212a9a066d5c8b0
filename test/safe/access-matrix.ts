import { bodyOf, pathOf, type Row, type Things } from './access-table.ts'
import type { Identity } from './identities.ts'

/** What one request of the matrix came to. */
export interface Outcome {
  readonly row: Row
  readonly identity: Identity
  readonly status: number
  readonly text: string
}

/** Whether the contract lets this one in. */
export function isLetIn({ access }: Row, { may }: Identity): boolean {
  return access === 'public' || may.has(access)
}

/** Asks for a route as somebody; what is let in may take away only what was made for it. */
export async function askAs(
  url: string,
  row: Row,
  identity: Identity,
  things: Things,
): Promise<Outcome> {
  const [method = ''] = row.route.split(' ')
  const path = await pathOf(row, things, isLetIn(row, identity))
  const body = bodyOf(row, things)
  const stopping = new AbortController()
  const answer = await fetch(url + path + withQuery(path, identity), {
    method,
    headers: {
      // As through a proxy: nothing is open to it because it is near.
      'x-forwarded-for': '203.0.113.7',
      ...identity.headers(),
      ...(body === null ? {} : { 'content-type': body.type }),
    },
    body: body?.text ?? null,
    signal: stopping.signal,
  })
  const isEndless = (answer.headers.get('content-type') ?? '').startsWith('text/event-stream')
  const text = isEndless ? '' : await answer.text()
  if (isEndless) stopping.abort()
  return { row, identity, status: answer.status, text }
}

function withQuery(path: string, { query }: Identity): string {
  if (query === undefined) return ''
  return `${path.includes('?') ? '&' : '?'}${query}`
}

/** What is wrong with it; null: it is as the table says. */
export function wrongWith({ row, identity, status, text }: Outcome): string | null {
  const expected = expectedFor(row, identity)
  const name = `${row.route} as ${identity.name}`
  if (!expected.includes(status)) {
    return `${name}: ${status}, expected ${expected.join(' or ')} ${text.slice(0, 200)}`
  }
  if ((status === 401 || status === 403) && JSON.parse(text).status !== status) {
    return `${name}: ${status} without a problem's JSON: ${text.slice(0, 200)}`
  }
  return null
}

/** 401 for nobody, 403 for somebody else. */
function expectedFor(row: Row, identity: Identity): readonly number[] {
  if (isLetIn(row, identity)) return row.answers
  return identity.may.size === 0 ? [401] : [403]
}

/** Works through a list, some at once. */
export async function inFlight<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values()
  const run = async (): Promise<void> => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, run))
}
