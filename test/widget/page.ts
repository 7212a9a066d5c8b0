/** A page with the widget and a played server, and ways to look into it. */
import type { RingsideWidget } from '../../widget/elements/ringside-widget.ts'
import '../../widget/elements/ringside-widget.ts'
import { type FakeServer, fakeServer, type World } from './fake-server.ts'
import { waitUntil } from './wait-until.ts'

/** The widget that `show` put on the page last. */
export let widget: RingsideWidget

export async function show(
  world: World,
  change: Partial<RingsideWidget> = {},
): Promise<FakeServer> {
  const server = fakeServer(world)
  widget = document.createElement('ringside-widget')
  Object.assign(widget, { client: server.client, ...change })
  document.body.append(widget)
  await widget.updateComplete
  server.client.start()
  await waitUntil(() => server.client.state.isReady && server.client.state.me !== null)
  await widget.updateComplete
  return server
}

/** Elements by selector, through all shadow roots; `ringside-panel button` are those somewhere in the panel. */
export function all<T extends Element = HTMLElement>(
  selector: string,
  root: ParentNode = widget.shadowRoot!,
): T[] {
  const [, host, inside] = /^(ringside-[\w-]+) (.+)$/.exec(selector) ?? []
  if (host !== undefined && inside !== undefined) {
    // Elements whose code is still on its way have nothing in them yet.
    return all(host, root).flatMap((one) => (one.shadowRoot ? all<T>(inside, one.shadowRoot) : []))
  }
  const found = [...root.querySelectorAll<T>(selector)]
  for (const element of root.querySelectorAll('*')) {
    if (element.shadowRoot !== null) found.push(...all<T>(selector, element.shadowRoot))
  }
  return found
}

export async function one<T extends Element = HTMLElement>(selector: string): Promise<T> {
  await waitUntil(() => all(selector).length > 0, `no ${selector}`)
  return all<T>(selector)[0]!
}

export const texts = (selector: string): string[] => all(selector).map((element) => textOf(element))

export function textOf(element: Element): string {
  const root = element.shadowRoot ?? element
  return [...root.querySelectorAll('*')].some((child) => child.shadowRoot)
    ? [...root.children].map(textOf).join(' ')
    : (root.textContent ?? '')
        .replaceAll(/\s+/g, ' ')
        .replaceAll(/[\u2068\u2069]/g, '')
        .trim()
}

export async function button(label: string): Promise<HTMLButtonElement> {
  const match = () =>
    all<HTMLButtonElement>('button').find(
      (element) => textOf(element).includes(label) || element.ariaLabel?.includes(label),
    )
  await waitUntil(() => match() !== undefined, `no button ${label}`)
  return match()!
}

export function type(field: HTMLInputElement | HTMLTextAreaElement, text: string): void {
  field.value = text
  field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }))
}

export const key = (target: Element, name: string, change: KeyboardEventInit = {}) =>
  target.dispatchEvent(
    new KeyboardEvent('keydown', {
      key: name,
      bubbles: true,
      composed: true,
      cancelable: true,
      ...change,
    }),
  )
