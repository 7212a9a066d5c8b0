/** How many of a list there is room for: a board on a wall cannot be scrolled. */
import type { LitElement, ReactiveController } from 'lit'

export class Room implements ReactiveController {
  readonly #host: LitElement
  readonly #selector: string
  readonly #observer = new ResizeObserver(() => this.#measure())
  #list: HTMLElement | null = null
  /** All of them, until it is known how large they are. */
  #places = Number.POSITIVE_INFINITY

  /** The list is a grid whose rows are equally high. */
  constructor(host: LitElement, selector: string) {
    this.#host = host
    this.#selector = selector
    host.addController(this)
  }

  hostDisconnected(): void {
    this.#observer.disconnect()
    this.#list = null
  }

  hostUpdated(): void {
    const list = this.#host.renderRoot.querySelector<HTMLElement>(this.#selector)
    if (list === this.#list) return
    this.#observer.disconnect()
    this.#list = list
    if (list !== null) this.#observer.observe(list)
  }

  /** How many to show; where not all fit, one place is for saying how many more there are. */
  of(count: number): number {
    return count <= this.#places ? count : Math.max(0, this.#places - 1)
  }

  #measure(): void {
    const list = this.#list
    const row = list?.firstElementChild?.getBoundingClientRect().height ?? 0
    if (list === null || row === 0) return
    const { gridTemplateColumns, rowGap, overflowY } = getComputedStyle(list)
    const gap = Number.parseFloat(rowGap) || 0
    const rows = Math.floor((list.clientHeight + gap + 0.5) / (row + gap))
    // Where the page scrolls, as on a phone, all of them have room.
    const isOpen = overflowY === 'visible'
    const places = isOpen ? Number.POSITIVE_INFINITY : rows * gridTemplateColumns.split(' ').length
    if (places === this.#places) return
    this.#places = places
    this.#host.requestUpdate()
  }
}
