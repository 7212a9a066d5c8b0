/** Keys inside the widget. Single letters count only where nobody is typing. */
import type { Route } from './route.ts'

/** What a key asks for, or null. */
export function shortcut(
  event: KeyboardEvent,
  callId: string | null,
): Route | 'back' | 'note' | null {
  if (event.key === 'Escape') return 'back'
  if (event.ctrlKey || event.metaKey || event.altKey) return null
  const target = event.composedPath()[0]
  if (target instanceof Element && isField(target)) return null
  switch (event.key.toLowerCase()) {
    case '?':
      return { view: 'help' }
    case '/':
      return { view: 'find', callId: null }
    case 'm':
      return { view: 'missed' }
    case 'l':
      return { view: 'cases' }
    case 'n':
      return 'note'
    case 'c':
      return callId === null ? null : { view: 'form', callId }
    default:
      return null
  }
}

/** The focus is in a field somewhere inside. */
export function isTyping(root: Element | null): boolean {
  let active = root?.shadowRoot?.activeElement ?? null
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
  return active !== null && isField(active)
}

function isField(element: Element): boolean {
  return element.matches('input, textarea, select, [contenteditable]')
}
