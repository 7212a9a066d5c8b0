/** What a picture that is drawn by numbers has to know of the place it stands in. */
import type { LitElement, ReactiveController } from 'lit'
import { isRightToLeftIn } from './keys.ts'

/** Width of the element, size of its small text, its direction; it draws again when these change. */
export class ChartSize implements ReactiveController {
  readonly #host: LitElement
  /** Pixels; 0 as long as it is not known. */
  width = 0
  /** Pixels of the text in pictures. */
  text = 12
  isRightToLeft = false
  #font = ''
  #canvas: CanvasRenderingContext2D | null = null
  readonly #sizes = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry?.contentRect.width ?? 0)
    if (width === this.width) return
    this.width = width
    this.#host.requestUpdate()
  })

  constructor(host: LitElement) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    this.#sizes.observe(this.#host)
  }

  hostDisconnected(): void {
    this.#sizes.disconnect()
  }

  hostUpdate(): void {
    const { fontSize, fontFamily } = getComputedStyle(this.#host)
    // As `--_small` is to the base size.
    this.text = Number.parseFloat(fontSize) * 0.857
    this.#font = `${this.text}px ${fontFamily}`
    this.isRightToLeft = isRightToLeftIn(this.#host)
  }

  /** How wide the widest of these texts is. */
  widest(texts: readonly string[]): number {
    this.#canvas ??= document.createElement('canvas').getContext('2d')
    const context = this.#canvas
    // Where a page has taken canvases away: letters are about this wide.
    if (context === null) return Math.max(0, ...texts.map((text) => text.length)) * this.text * 0.6
    context.font = this.#font
    return texts.reduce((most, text) => Math.max(most, context.measureText(text).width), 0)
  }
}
