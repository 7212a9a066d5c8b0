/** Clicks on the page's `tel:` links dial through the PBX (EMBED-2 `intercept-tel`). */

import type { Client } from './client/client.ts'
import { selectCanDial } from './client/select-controls.ts'

/**
 * Listens on the whole page, links of open shadow roots and links added later included; returns the end of it.
 * What cannot be dialled, and clicks that mean something else, are left to the browser.
 */
export function interceptTelLinks(
  getClient: () => Client | null,
  dial: (number: string) => void,
): () => void {
  const onClick = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    const number = numberOf(event)
    const client = getClient()
    if (number === null || client === null || !selectCanDial(client.state)) return
    event.preventDefault()
    dial(number)
  }
  document.addEventListener('click', onClick, true)
  return () => document.removeEventListener('click', onClick, true)
}

function numberOf(event: Event): string | null {
  for (const target of event.composedPath()) {
    if (!(target instanceof Element) || !target.matches('a, area')) continue
    const href = target.getAttribute('href') ?? target.getAttribute('xlink:href')
    if (href !== null) return parseTel(href)
  }
  return null
}

/** The number of a `tel:` URI (RFC 3966) as it is dialled; null where it is none. */
export function parseTel(href: string): string | null {
  const found = /^\s*tel:([^;?]*)/i.exec(href)
  if (found === null) return null
  let text = found[1] ?? ''
  try {
    text = decodeURIComponent(text)
  } catch {
    // A lone per cent sign: taken as it stands.
  }
  const number = text.replaceAll(/[^\d+*#]/g, '').replaceAll(/(?!^)\+/g, '')
  return /\d/.test(number) ? number : null
}
