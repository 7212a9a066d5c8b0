/** The one tag: `<script type="module" src="…/widget.js" data-token="…">` adds the element by itself (EMBED-1). */
import { words } from './attributes.ts'
import { later } from './elements/define.ts'
import { RingsideWidget } from './elements/ringside-widget.ts'
import { canDraw } from './trusted-types.ts'

export { RingsideWidget } from './elements/ringside-widget.ts'

const ASKING = ['data-token', 'data-token-url', 'data-sign-in']
// The code lies in `/widget/` beside the script that pages name.
const script = new URL(import.meta.url.replace(/\/widget\/[^/]*$/, '/widget.js'))
const seen = new WeakSet<Element>()
/** Elements that the page says it will use: tags inside shadow roots are not found by looking. */
const elements = new Set<string>()
/** One for all tags of this script; a later tag tells it something new. */
let widget: RingsideWidget | undefined
/** The body that the tags stood in. */
let body: Element | null = null

function tags(): HTMLScriptElement[] {
  const found = document.querySelectorAll<HTMLScriptElement>('script[type=module][src]')
  return [...found].filter((tag) => tag.src.replace(/[?#].*/, '') === script.href)
}

const isAsking = (tag: Element) => ASKING.some((name) => tag.hasAttribute(name))

/**
 * Adds the element that a tag asks for; a tag without a token only defines it. It stands beside the page's body: no
 * rule or script for what is in there meets it, and pages that put in another body keep it.
 */
function addFromTags(): void {
  for (const tag of tags()) {
    if (seen.has(tag)) continue
    seen.add(tag)
    for (const name of words(tag.getAttribute('data-elements'))) elements.add(name)
    if (isAsking(tag)) take(tag)
  }
}

function take(tag: Element): void {
  if (widget === undefined) {
    widget = document.createElement('ringside-widget')
    widget.server = script.origin
  }
  for (const name of RingsideWidget.observedAttributes) {
    const value = tag.getAttribute(`data-${name}`)
    if (value !== null) widget.setAttribute(name, value)
  }
  if (!widget.isConnected) document.documentElement.append(widget)
  body = tag.closest('body')
}

/** Where another body without a tag takes the place of the one that had it, as after signing out, the widget goes. */
function removeAfter(): void {
  if (body?.isConnected === false && !tags().some(isAsking)) widget?.remove()
}

async function watch(): Promise<void> {
  // Another copy of this script, perhaps of another server, looks after the page.
  if (customElements.get('ringside-widget') !== RingsideWidget) return
  const { loadLoneTags, watchPage } = await import('./page-watch.ts')
  watchPage(() => {
    removeAfter()
    loadLoneTags([...elements])
  })
}

function start(): void {
  if (!canDraw()) return
  addFromTags()
  later(watch())
  // A tag that comes later does not run this again, but is loaded: of it, and of nothing else, the page tells for free.
  document.addEventListener(
    'load',
    ({ target }) => target instanceof HTMLScriptElement && addFromTags(),
    true,
  )
}

if (document.body === null) document.addEventListener('DOMContentLoaded', start)
else start()
