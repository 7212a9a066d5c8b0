/** Opening a user or a case: the page is asked first, then its address, and only then it is ours to show. */
import { fillUrl } from '../attributes.ts'
import type { Client } from '../client/client.ts'
import { currentCaseId } from '../client/select.ts'
import { RingsideEvent } from '../events.ts'
import type { Route } from './route.ts'

/** The element that the page hears, and its addresses. */
export interface Opener {
  readonly host: HTMLElement
  readonly client: Client
  readonly userUrl: string | null
  readonly caseUrl: string | null
}

/** The route that is left for us to show; null where the page shows it. */
export async function askPage(opener: Opener, route: Route): Promise<Route | null> {
  if (route.view === 'case') return askForCase(opener, route)
  if (route.view !== 'user') return route
  const isLoaded = await loadUser(opener.client, route.userId)
  return isLoaded && isOpenedByPage(opener, route.userId, null) ? null : route
}

/** True where the page opens the user itself, or is sent to its own address of the user. */
export function isOpenedByPage(opener: Opener, userId: string, callId: string | null): boolean {
  const user = opener.client.state.users.get(userId)
  if (user === undefined) return false
  if (!ask(opener, new RingsideEvent('ringside-open-user', { v: 1, user, callId }, true)))
    return true
  return isSent(fillUrl('user-url', opener.userUrl, { externalId: user.externalId, id: user.id }))
}

async function askForCase(
  opener: Opener,
  route: Extract<Route, { view: 'case' }>,
): Promise<Route | null> {
  const { client } = opener
  const caseId = currentCaseId(client.state, route.caseId)
  const detail = { v: 1, caseId, callId: route.callId } as const
  if (!ask(opener, new RingsideEvent('ringside-open-case', detail, true))) return null
  if (opener.caseUrl && !client.state.cases.has(caseId))
    await client.loadCase(caseId).catch(() => undefined)
  const found = client.state.cases.get(caseId)
  const url = fillUrl('case-url', opener.caseUrl, {
    externalId: found?.externalId ?? null,
    id: caseId,
    number: found === undefined ? null : String(found.number),
  })
  return isSent(url) ? null : { ...route, caseId }
}

async function loadUser(client: Client, id: string): Promise<boolean> {
  if (client.state.users.has(id)) return true
  try {
    client.dispatch({ type: 'user', user: await client.api.get(`/api/users/${id}`) })
    return true
  } catch {
    // The panel shows why.
    return false
  }
}

function ask({ host }: Opener, event: Event): boolean {
  return host.dispatchEvent(event)
}

function isSent(url: string | null): boolean {
  if (url !== null) location.assign(url)
  return url !== null
}
