/** Where the panel is. Elements ask to go somewhere; the widget decides, and the page may (EMBED-3). */
export type Route =
  /** Missed calls or cases, whichever suits. */
  | { readonly view: 'home' }
  | { readonly view: 'missed' }
  | { readonly view: 'cases' }
  | { readonly view: 'help' }
  | { readonly view: 'call'; readonly callId: string }
  /** Why the call is as it is (CALL-19). */
  | { readonly view: 'trace'; readonly callId: string }
  | { readonly view: 'user'; readonly userId: string }
  | { readonly view: 'find'; readonly callId: string | null }
  | { readonly view: 'form'; readonly callId: string }
  | { readonly view: 'case'; readonly caseId: string; readonly callId: string | null }

/** Inside the widget only: it does not leave the shadow tree it is sent in. */
export class GoEvent extends CustomEvent<{
  readonly route: Route | 'back'
  readonly replace: boolean
}> {
  constructor(route: Route | 'back', replace: boolean) {
    super('ringside-go', { detail: { route, replace }, bubbles: true, composed: false })
  }
}

/** Asks to go; `replace`: without a way back to where one was. */
export function go(host: HTMLElement, route: Route | 'back', replace = false): void {
  host.dispatchEvent(new GoEvent(route, replace))
}

/** Nested shadow roots: what a part asks for goes on outwards. */
export function passOn(host: HTMLElement, event: Event): void {
  event.stopPropagation()
  const { route, replace } = (event as GoEvent).detail
  go(host, route, replace)
}

/** The call that a route is about. */
export function callIdOf(route: Route | undefined): string | null {
  return route !== undefined && 'callId' in route ? route.callId : null
}
