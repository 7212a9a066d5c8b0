import { canDraw } from '../trusted-types.ts'

/** Waits for nothing: what fails is shown by the widget where it matters, and the page hears of no error. */
export function later(promise: Promise<unknown>): void {
  promise.catch(() => undefined)
}

/** Registers an element; a second copy of the script, or a second tag, changes nothing. */
export function define(name: string, element: CustomElementConstructor): void {
  if (canDraw() && customElements.get(name) === undefined) customElements.define(name, element)
}
