/** The one tag: `<script type="module" src="…/widget.js" data-token="…">` adds the element by itself (EMBED-1). */
import { words } from './attributes.ts'
import { later } from './elements/define.ts'
import type { RingsideWidget } from './elements/ringside-widget.ts'
import { canDraw } from './trusted-types.ts'

export { RingsideWidget } from './elements/ringside-widget.ts'

const ASKING = ['data-token', 'data-token-url', 'data-sign-in']
// The code lies in `/widget/` beside the script that pages name.
const script = new URL(import.meta.url.replace(/\/widget\/[^/]*$/, '/widget.js'))
const seen = new WeakSet<Element>()
const elements = new Set<string>()
/** One for all tags of this script; a later tag only tells it something new. */
let widget: RingsideWidget | undefined
let body: HTMLElement | null = null

/** Takes in the tags of this script that stand in the page; one without a token only defines the elements. */
function look(): void {
  const tags = [...document.querySelectorAll<HTMLScriptElement>('script[type=module][src]')].filter(
    (tag) => tag.src.replace(/[?#].*/, '') === script.href,
  )
  const asking = tags.filter((tag) => ASKING.some((name) => tag.hasAttribute(name)))
  for (const tag of tags) {
    if (seen.has(tag)) continue
    seen.add(tag)
    for (const name of words(tag.dataset.elements ?? null)) elements.add(name)
    if (asking.includes(tag)) place(tag)
  }
  // The tag was in a body that is there no more, as after signing out in pages that swap it.
  if (body?.isConnected === false && asking.length === 0) widget?.remove()
}

/**
 * Beside the page's body: no rule or script for what is in there meets the widget, it takes no place in the page's
 * layout, and pages that put in another body keep it.
 */
function place(tag: HTMLScriptElement): void {
  if (!widget?.isConnected) widget = document.createElement('ringside-widget')
  widget.server = script.origin
  for (const { name, value } of tag.attributes) {
    if (name.startsWith('data-')) widget.setAttribute(name.slice(5), value)
  }
  if (!widget.isConnected) document.documentElement.append(widget)
  body = tag.closest('body')
}

function start(): void {
  look()
  const watching = import('./page-watch.ts').then(({ loadLoneTags, watchPage }) =>
    watchPage(() => {
      look()
      loadLoneTags([...elements])
    }),
  )
  later(watching)
}

if (canDraw()) {
  if (document.body === null) document.addEventListener('DOMContentLoaded', start)
  else start()
}
