/** What the agent does inside the widget is no business of the page, as it would be in a frame. */
import type { LitElement, ReactiveController } from 'lit'

/** Dialogs of pages pull the focus back by the first; scripts for pasted pictures wait for the last. */
const KEPT = ['focusin', 'keydown', 'keypress', 'keyup', 'input', 'paste'] as const

/**
 * Keeps keys and focus inside from the page: to its shortcuts and dialogs all of the widget is one element that is
 * no field, and outside. Keys with Ctrl, Alt or Meta go on: they are the page's own from anywhere.
 */
export class Shield implements ReactiveController {
  readonly #host: LitElement

  constructor(host: LitElement) {
    this.#host = host
    for (const type of KEPT) host.addEventListener(type, keep)
    host.addController(this)
  }

  hostConnected(): void {
    window.addEventListener('keydown', this.#onTyping, true)
  }

  hostDisconnected(): void {
    window.removeEventListener('keydown', this.#onTyping, true)
  }

  /** Letters for a field of ours reach it whoever else listens first on the way. */
  readonly #onTyping = (event: KeyboardEvent) => {
    if (event.key.length !== 1 || !isPlain(event)) return
    const [target] = event.composedPath()
    const isField = target instanceof Element && target.matches('input, textarea')
    if (isField && event.target === this.#host) event.stopImmediatePropagation()
  }
}

function keep(event: Event): void {
  if (!(event instanceof KeyboardEvent) || isPlain(event)) event.stopPropagation()
}

function isPlain({ ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
  return !ctrlKey && !altKey && !metaKey
}
