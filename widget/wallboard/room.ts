/** How many of a list there is room for, and how large: a board on a wall cannot be scrolled. */
import type { LitElement, ReactiveController } from 'lit'

/** What the styles say of the list, in its own `em`. */
interface Shape {
  readonly rowEm: number
  /** The least width of a column; null: one column. */
  readonly columnEm: number | null
  /** Sizes that the text can have, the largest first, as classes `size-0`, `size-1`…; the last is that of the board. */
  readonly sizes: readonly number[]
}

export interface Fit {
  readonly shown: number
  readonly size: number
}

interface Place {
  readonly inline: number
  readonly block: number
  readonly gap: number
  /** The size of the board's text. */
  readonly em: number
}

export class Room implements ReactiveController {
  readonly #host: LitElement
  readonly #selector: string
  readonly #shape: Shape
  readonly #observer = new ResizeObserver(() => this.#measure())
  #list: HTMLElement | null = null
  /** Null: not limited, as where the page scrolls. */
  #place: Place | null = null

  constructor(host: LitElement, selector: string, shape: Shape) {
    this.#host = host
    this.#selector = selector
    this.#shape = shape
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

  /** As large as all of them fit; where they do not, one place is for saying how many more there are. */
  of(count: number): Fit {
    const last = this.#shape.sizes.length - 1
    if (this.#place === null) return { shown: count, size: last }
    const size = this.#shape.sizes.findIndex((scale) => this.#places(scale) >= count)
    if (size >= 0) return { shown: count, size }
    return { shown: Math.max(0, this.#places(1) - 1), size: last }
  }

  #places(scale: number): number {
    if (this.#place === null) return Number.POSITIVE_INFINITY
    const { rowEm, columnEm } = this.#shape
    const { inline, block, gap, em } = this.#place
    const column = columnEm === null ? inline : columnEm * em * scale
    const columns = Math.max(1, Math.floor((inline + gap) / (column + gap)))
    // Half a pixel: sizes in em are seldom whole pixels.
    return columns * Math.floor((block + 0.5) / (rowEm * em * scale))
  }

  #measure(): void {
    const list = this.#list
    const board = list?.parentElement ?? null
    if (list === null || board === null) return
    const { columnGap, overflowY } = getComputedStyle(list)
    const place = {
      inline: list.clientWidth,
      block: list.clientHeight,
      gap: Number.parseFloat(columnGap) || 0,
      em: Number.parseFloat(getComputedStyle(board).fontSize),
    }
    const next = overflowY === 'visible' ? null : place
    if (JSON.stringify(next) === JSON.stringify(this.#place)) return
    this.#place = next
    this.#host.requestUpdate()
  }
}
