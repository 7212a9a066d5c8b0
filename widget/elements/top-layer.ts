/** Over everything that the page has: its highest z-index, its transformed body, its modal dialogs. */
import type { LitElement, ReactiveController } from 'lit'

/**
 * Keeps the widget's frame in the browser's top layer. When one more call rings and something that came there later
 * stands over a pop-up, the frame goes above it; else it stays as it is: in the top layer anew, all of it is laid out
 * anew, its movements begin again, and it is scrolled to its begin (PERF-2).
 * A page that sets `--ringside-z-index` has its own order, and is left to it.
 */
export class TopLayer implements ReactiveController {
  readonly #host: LitElement
  #ringing = 0
  #isLooking = false

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
    if (!isThere(frame)) raise(frame)
    else if (isMore) this.#lookOnce(frame)
  }

  /** With the frame that shows the call, for which all is laid out anyway. */
  #lookOnce(frame: HTMLElement): void {
    if (this.#isLooking) return
    this.#isLooking = true
    requestAnimationFrame(() => {
      this.#isLooking = false
      if (!frame.isConnected || !isThere(frame) || !isCovered(frame)) return
      // Where the agent works in it nothing modal is above it, and the focus would be lost.
      if (this.#host.shadowRoot?.activeElement) return
      raise(frame)
    })
  }
}

function isThere(frame: HTMLElement): boolean {
  return frame.popover !== null && frame.matches(':popover-open')
}

/** A page may set its own order at any time: a frame that is there stays there then. */
function raise(frame: HTMLElement): void {
  if (getComputedStyle(frame).getPropertyValue('--ringside-z-index') !== '') return
  frame.popover = 'manual'
  if (isThere(frame)) frame.hidePopover()
  frame.showPopover()
}

/** Something else is found in the middle of what is to be seen of a pop-up. */
function isCovered(frame: HTMLElement): boolean {
  const stack = frame.querySelector('.popups')
  const { host } = frame.getRootNode() as ShadowRoot
  const page = host.getRootNode() as Document | ShadowRoot
  if (stack === null) return false
  const seen = stack.getBoundingClientRect()
  return [...stack.children].some((popup) => {
    const own = popup.getBoundingClientRect()
    const top = Math.max(own.top, seen.top, 0)
    const bottom = Math.min(own.bottom, seen.bottom, innerHeight)
    if (top >= bottom) return false
    return page.elementFromPoint((own.left + own.right) / 2, (top + bottom) / 2) !== host
  })
}
