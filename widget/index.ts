/** The one tag: `<script type="module" src="…/widget.js" data-token="…">` adds the element by itself (EMBED-1). */
import './elements/ringside-widget.ts'

export { RingsideWidget } from './elements/ringside-widget.ts'

const ATTRIBUTES = [
  'server',
  'token',
  'token-url',
  'sign-in',
  'locale',
  'theme',
  'position',
  'user-url',
  'case-url',
  'open-on-answer',
  'intercept-tel',
  'fields',
  'hide',
]

/** Each of them says how the agent signs in. */
const ASKING = ['token', 'token-url', 'sign-in']

/** Adds the element that the script's tag asks for; a tag without a token only defines it. */
export function addFromScript(page: Document, script: URL): void {
  for (const tag of page.querySelectorAll<HTMLScriptElement>('script[type=module][src]')) {
    const url = URL.parse(tag.src)
    const isOurs = url?.origin === script.origin && url.pathname === script.pathname
    const isAsking = ASKING.some((name) => tag.hasAttribute(`data-${name}`))
    if (!isOurs || !isAsking || added.has(tag)) continue
    added.add(tag)
    const widget = page.createElement('ringside-widget')
    widget.server = script.origin
    for (const name of ATTRIBUTES) {
      const value = tag.getAttribute(`data-${name}`)
      if (value !== null) widget.setAttribute(name, value)
    }
    page.body.append(widget)
  }
}
const added = new WeakSet<Element>()

// The code lies in `/widget/` beside the script that pages name.
const script = new URL(import.meta.url.replace(/\/widget\/[^/]*$/, '/widget.js'))
if (document.body === null) {
  document.addEventListener('DOMContentLoaded', () => addFromScript(document, script))
} else addFromScript(document, script)
