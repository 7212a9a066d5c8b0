import { css, html, LitElement, nothing, type PropertyValues, svg, type TemplateResult } from 'lit'
import type { RecordingView } from '../../server/http/schemas.ts'
import { define } from '../elements/define.ts'
import { duration } from '../format.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import type { Channel } from './channels.ts'
import { barsOf, channelCount, type Stretch, startsOf } from './timeline.ts'
import { spoken } from './words.ts'

const BAR = 3
const MONO_HEIGHT = 40
const ROW_HEIGHT = 24
const ROW_GAP = 4

/** The picture of a recording, and the slider that goes through it. Time runs from left to right in every language. */
export class RingsideWaveform extends LitElement {
  static override properties = {
    stretches: { attribute: false },
    pauses: { attribute: false },
    time: { attribute: false },
    length: { attribute: false },
    label: { attribute: false },
    channel: { attribute: false },
    onSeek: { attribute: false },
    onChannel: { attribute: false },
    width: { state: true },
    dragged: { state: true },
    hovered: { state: true },
  }
  declare stretches: readonly Stretch[]
  declare pauses: RecordingView['pauses']
  declare time: number
  declare length: number | null
  declare label: string
  /** Which side is heard. */
  declare channel: Channel
  declare onSeek: ((time: number) => void) | null
  declare onChannel: ((channel: Channel) => void) | null
  declare width: number
  /** Where the finger or the mouse holds it, until let go. */
  declare dragged: number | null
  declare hovered: number | null
  #rows: readonly string[] = []
  readonly #sizes = new ResizeObserver(([entry]) => {
    this.width = Math.floor(entry?.contentRect.width ?? 0)
  })

  constructor() {
    super()
    this.stretches = []
    this.pauses = []
    this.time = 0
    this.length = null
    this.label = ''
    this.channel = 'both'
    this.onSeek = null
    this.onChannel = null
    this.width = 0
    this.dragged = null
    this.hovered = null
  }

  protected override firstUpdated(): void {
    this.#sizes.observe(this.#slider)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.#sizes.observe(this.#slider)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#sizes.disconnect()
  }

  override focus(): void {
    this.#slider.focus()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('stretches') || changed.has('width')) this.#rows = this.#drawRows()
  }

  get #slider(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.slider')!
  }

  /** One path per channel: bars of the loudest, as high as the loudest of all lets them be. */
  #drawRows(): string[] {
    const count = Math.floor(this.width / BAR)
    if (count < 1) return []
    const channels = channelCount(this.stretches)
    // Not by `Array.from`: MooTools has put another in its place, which takes no function.
    const rows = [...Array(channels).keys()].map((channel) =>
      barsOf(this.stretches, channel, count),
    )
    const loudest = Math.max(0.05, ...rows.flat())
    const full = channels === 1 ? MONO_HEIGHT : ROW_HEIGHT
    return rows.map((bars, row) => {
      const middle = row * (ROW_HEIGHT + ROW_GAP) + full / 2
      const path = bars.map((bar, at) => {
        const half = Math.max(0.5, (bar / loudest) * (full / 2 - 1.5))
        return `M${at * BAR + 1.5} ${(middle - half).toFixed(1)}v${(half * 2).toFixed(1)}`
      })
      return path.join('')
    })
  }

  #timeAt(event: PointerEvent): number {
    const { left, width } = this.#slider.getBoundingClientRect()
    const share = Math.min(1, Math.max(0, (event.clientX - left) / width))
    return share * (this.length ?? 0)
  }

  readonly #onDown = (event: PointerEvent) => {
    if (event.button !== 0 || this.length === null) return
    this.#slider.setPointerCapture(event.pointerId)
    this.dragged = this.#timeAt(event)
  }
  readonly #onMove = (event: PointerEvent) => {
    if (this.length === null) return
    if (event.pointerType === 'mouse') this.hovered = this.#timeAt(event)
    if (this.dragged !== null) this.dragged = this.#timeAt(event)
  }
  readonly #onUp = () => {
    const { dragged } = this
    this.dragged = null
    if (dragged !== null) this.onSeek?.(dragged)
  }
  readonly #onCancel = () => {
    this.dragged = null
  }
  readonly #onLeave = () => {
    this.hovered = null
  }
  readonly #onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || this.dragged === null) return
    event.stopPropagation()
    this.dragged = null
  }

  protected override render() {
    const { length } = this
    const now = this.dragged ?? this.time
    const isStereo = channelCount(this.stretches) === 2
    const said =
      length === null
        ? t('recording.lengthUnknown')
        : t('recording.at', { time: spoken(now), length: spoken(length) })
    return html`<div class="picture" dir="ltr">
      ${isStereo ? html`<div class="sides">${this.#renderSide('left')}${this.#renderSide('right')}</div>` : nothing}
      <div class="slider ${isStereo ? 'stereo' : ''}" role="slider" tabindex="0" aria-label=${this.label}
        aria-disabled=${length === null ? 'true' : nothing} aria-valuemin="0" aria-valuemax=${Math.round(length ?? 0)}
        aria-valuenow=${Math.round(now)} aria-valuetext=${said}
        @pointerdown=${this.#onDown} @pointermove=${this.#onMove} @pointerup=${this.#onUp}
        @pointercancel=${this.#onCancel} @pointerleave=${this.#onLeave} @keydown=${this.#onKey}>
        ${this.width > 0 ? this.#renderPicture(now) : nothing}
      </div></div>`
  }

  /** The name of a row, and the press that lets it be heard alone. */
  #renderSide(side: 'left' | 'right'): TemplateResult {
    const isAlone = this.channel === side
    const label = t(side === 'left' ? 'recording.leftOnly' : 'recording.rightOnly')
    return html`<button class="side" title=${label} aria-pressed=${isAlone}
      @click=${() => this.onChannel?.(isAlone ? 'both' : side)}>${t(`recording.${side}`)}</button>`
  }

  #renderPicture(now: number): TemplateResult {
    const length = this.length ?? 0
    const x = (time: number): number => (length > 0 ? (time / length) * this.width : 0)
    const silent = this.channel === 'left' ? 1 : this.channel === 'right' ? 0 : null
    const bars = this.#rows.map(
      (path, row) => svg`<path class=${row === silent ? 'silent' : ''} d=${path}></path>`,
    )
    return html`<svg class="waves" aria-hidden="true" focusable="false">
      <defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatch" width="2" height="5"></rect></pattern></defs>
      <g class="coming">${bars}</g>
      ${this.pauses.map(({ from, to }) => {
        const [start, end] = [x(from), x(to ?? length)]
        return svg`<rect class="pause" x=${start} y="0" width=${Math.max(3, end - start)} height="100%"></rect>`
      })}
      <svg class="over" x="0" y="0" width=${x(now)} height="100%"><g class="heard">${bars}</g></svg>
      ${startsOf(this.stretches)
        .slice(1)
        .map(
          (start) =>
            svg`<line class="joint" x1=${x(start)} x2=${x(start)} y1="0" y2="100%"></line>`,
        )}
      ${length > 0 ? svg`<line class="head" x1=${x(now)} x2=${x(now)} y1="0" y2="100%"></line>` : nothing}
      ${this.#renderPointer(x)}
    </svg>`
  }

  /** Which time a press would go to. */
  #renderPointer(x: (time: number) => number): TemplateResult | typeof nothing {
    const at = this.dragged ?? this.hovered
    if (at === null) return nothing
    const isLate = x(at) > this.width - 48
    return svg`<line class="pointer" x1=${x(at)} x2=${x(at)} y1="0" y2="100%"></line>
      <text class="pointed num" x=${x(at) + (isLate ? -4 : 4)} y="10" text-anchor=${isLate ? 'end' : 'start'}>${duration(at)}</text>`
  }

  static override styles = [
    ...shared,
    css`
      :host { display: block; min-width: 0; }
      .picture { display: flex; gap: 6px; }
      .sides { flex: none; display: flex; flex-direction: column; gap: 4px; }
      .side {
        min-block-size: 24px; padding: 0 5px; border-color: transparent; background: transparent;
        color: var(--_muted); font-size: 0.786em; font-weight: 400; white-space: nowrap;
      }
      .side[aria-pressed='true'] { background: var(--_accent-soft); color: var(--_accent); font-weight: 600; }
      .slider {
        flex: 1 1 auto; min-width: 0; block-size: 40px; cursor: pointer; touch-action: pan-y;
        border-radius: var(--_radius-small); user-select: none; -webkit-user-select: none;
      }
      .slider[aria-disabled] { cursor: default; }
      .stereo { block-size: 52px; }
      .waves { inline-size: 100%; block-size: 100%; }
      .over { inline-size: auto; block-size: auto; overflow: hidden; }
      path { stroke-width: 2; stroke-linecap: round; fill: none; }
      .coming { stroke: var(--_field); }
      .heard { stroke: var(--_accent); }
      .silent { opacity: 0.3; }
      .pause { fill: url(#hatch); }
      .hatch { fill: var(--_amber); opacity: 0.6; }
      .head { stroke: var(--_accent); stroke-width: 2; }
      .joint { stroke: var(--_muted); stroke-width: 1; stroke-dasharray: 2 2; }
      .pointer { stroke: var(--_muted); stroke-width: 1; }
      .pointed {
        fill: var(--_text); font-size: 11px; stroke: var(--_background); stroke-width: 3px; paint-order: stroke;
      }
      @media (forced-colors: active) {
        .coming { stroke: GrayText; }
        .heard, .head { stroke: Highlight; }
        .hatch { fill: CanvasText; }
      }
    `,
  ]
}

define('ringside-waveform', RingsideWaveform)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-waveform': RingsideWaveform
  }
}
