/** The one tag: `<script type="module" src="…/widget.js" data-token="…">` adds the element by itself (EMBED-1). */
import { words } from './attributes.ts'
import { later } from './elements/define.ts'
import type { RingsideWidget } from './elements/ringside-widget.ts'

export { RingsideWidget } from './elements/ringside-widget.ts'

const ASKING = ['data-token', 'data-token-url', 'data-sign-in']
// The code lies in `/widget/` beside the script that pages name.
const script = new URL(import.meta.url.replace(/\/widget\/[^/]*$/, '/widget.js'))
const seen = new WeakSet<Element>()
const elements = new Set<string>()
/** One for all tags of this script; a later tag only tells it something new. */
let widget: RingsideWidget | undefined
let body: HTMLElement | undefined

/**
 * Adds the element that the script's tag asks for; a tag without a token only defines it. It stands beside the
 * page's body: no rule or script for what is in there meets it, and pages that put in another body keep it.
 */
export function addFromScript(page: Document, script: URL): void {
  if (!canDraw()) return
  for (const tag of tagsOf(page, script)) {
    if (added.has(tag)) continue
    added.add(tag)
    if (!widget?.isConnected) widget = page.createElement('ringside-widget')
    widget.server = script.origin
    for (const name of ATTRIBUTES) {
      const value = tag.getAttribute(`data-${name}`)
      if (value !== null) widget.setAttribute(name, value)
    }
    if (!widget.isConnected) page.documentElement.append(widget)
    if (tag.closest('body') !== null) removeAfter(page, script)
  }
}
const added = new WeakSet<Element>()
const widget: RingsideWidget | null = null
let observer: MutationObserver | null = null

function tagsOf(page: Document, script: URL): HTMLScriptElement[] {
  const tags = page.querySelectorAll<HTMLScriptElement>('script[type=module][src]')
  return [...tags].filter(
    (tag) =>
      tag.src.replace(/[?#].*/, '') === script.href &&
      ASKING.some((name) => tag.hasAttribute(`data-${name}`)),
  )
}

/** The tag was in the body: where another body without one takes its place, as after signing out, the widget goes. */
function removeAfter(page: Document, script: URL): void {
  const { body } = page
  observer?.disconnect()
  observer = new MutationObserver(() => {
    if (!body.isConnected && tagsOf(page, script).length === 0) widget?.remove()
  })
  observer.observe(page.documentElement, { childList: true })
}

// The code lies in `/widget/` beside the script that pages name.
const script = new URL(import.meta.url.replace(/\/widget\/[^/]*$/, '/widget.js'))
const add = () => addFromScript(document, script)
if (document.body === null) document.addEventListener('DOMContentLoaded', add)
else add()
// A tag that comes later does not run this again, but is loaded: of it, and of nothing else, the page tells for free.
document.addEventListener(
  'load',
  ({ target }) => target instanceof HTMLScriptElement && add(),
  true,
)
