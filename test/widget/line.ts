/** A server at the page's own address: requests are answered here, its stream only by `hello` and `client.dispatch`. */
import type { HelloView } from '../../server/http/schemas.ts'
import type { Client } from '../../widget/client/client.ts'
import type { RingsideWidget } from '../../widget/elements/ringside-widget.ts'
import '../../widget/elements/ringside-widget.ts'
import { AGENTS, caseView, ME, NOW, userView } from './fake-server.ts'
import { waitUntil } from './wait-until.ts'

const ANSWERS: Readonly<Record<string, unknown>> = {
  '/api/me': ME,
  '/api/agents': { items: AGENTS, next: null },
  '/api/fields': { items: [], next: null },
  '/api/cases': { items: [caseView()].map(({ messages: _messages, ...rest }) => rest), next: null },
  '/api/cases/case-1': caseView(),
  '/api/users/user-1': userView(),
}

/** Answers requests until `restore()`; `lines` are those that came, as `METHOD path`. */
export function answerHere(more: Readonly<Record<string, unknown>> = {}) {
  const { fetch } = window
  const lines: string[] = []
  window.fetch = async (input, init) => {
    const { pathname } = new URL(String(input), location.href)
    if (!pathname.startsWith('/api/')) return fetch(input, init)
    lines.push(`${init?.method ?? 'GET'} ${pathname}`)
    const answer = { ...ANSWERS, ...more }[pathname]
    return answer === undefined ? new Response(null, { status: 404 }) : Response.json(answer)
  }
  return {
    lines,
    restore: () => {
      window.fetch = fetch
    },
  }
}

/** A token that names an agent; nobody here looks at its signature. */
export function tokenOf(sub: string): string {
  const part = (value: object) => btoa(JSON.stringify(value))
  return `${part({ alg: 'HS256' })}.${part({ sub, exp: 4_000_000_000 })}.x`
}

export const hello = (change: Partial<HelloView> = {}): HelloView => ({
  now: new Date(NOW).toISOString(),
  resumedFrom: null,
  epoch: '1',
  calls: [],
  drafts: {},
  dismissed: [],
  controls: {},
  ...change,
})

/** Puts an element on the page, with attributes. */
export async function place<T extends HTMLElement>(
  tag: string,
  attributes: Readonly<Record<string, string>> = {},
): Promise<T> {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  document.body.append(element)
  await (element as unknown as RingsideWidget).updateComplete
  return element as T
}

/** The client of an element, once the agent is known and a first snapshot has come. */
export async function ready(element: { client: Client | null }, change: Partial<HelloView> = {}) {
  await waitUntil(() => (element.client?.state.me ?? null) !== null, 'no agent')
  const { client } = element
  if (client === null) throw new Error('no client')
  client.dispatch({ type: 'hello', hello: hello(change), now: NOW })
  return client
}
