/** Over everything that the page has: its highest z-index, its transformed body, its modal dialogs. */
import type { LitElement, ReactiveController } from 'lit'

/**
 * Keeps the widget's frame in the browser's top layer, above what came there before it whenever one more call rings.
 * A page that sets `--ringside-z-index` has its own order, and is left to it.
 */
export class TopLayer implements ReactiveController {
  readonly #host: LitElement
  #ringing = 0

  constructor(host: LitElement) {
    this.#host = host
    host.addController(this)
  }

  hostUpdated(): void {
    const frame = this.#host.renderRoot.querySelector<HTMLElement>('.frame')
    if (!frame?.isConnected || frame.showPopover === undefined) return
    const ringing = frame.querySelectorAll('ringside-popup').length
    const isMore = ringing > this.#ringing
    this.#ringing = ringing
    const isThere = frame.popover !== null && frame.matches(':popover-open')
    if (isThere && !isMore) return
    if (getComputedStyle(frame).getPropertyValue('--ringside-z-index') !== '') return
    frame.popover = 'manual'
    if (isThere) {
      // Where the agent works in it nothing modal is above it, and the focus would be lost.
      if (this.#host.shadowRoot?.activeElement) return
      frame.hidePopover()
    }
    frame.showPopover()
  }
}
