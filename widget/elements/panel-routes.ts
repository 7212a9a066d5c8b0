/** The way an agent has come through the panel; the last page is shown. Kept while a page re-creates the element. */
import type { Client } from '../client/client.ts'
import type { Route } from './route.ts'

export type Routes = readonly Route[]

const MOST = 20

/** The way with one more page; `replace`: without a way back to the one before. */
export function withRoute(routes: Routes, route: Route, replace: boolean): Routes {
  const top = routes.at(-1)
  if (top !== undefined && JSON.stringify(top) === JSON.stringify(route)) return routes
  if (route.view === 'home') return [route]
  return [...routes.slice(0, replace ? -1 : undefined), route].slice(-MOST)
}

/** What is to outlive an element: where its panel was, and which calls have opened something by themselves. */
export interface Place {
  routes: Routes
  readonly opened: Set<string>
}

const places = new WeakMap<Client, Place>()

export function placeOf(client: Client): Place {
  const place = places.get(client) ?? { routes: [], opened: new Set<string>() }
  places.set(client, place)
  return place
}
