import { css, html, LitElement, nothing, svg, type TemplateResult } from 'lit'
import { define } from '../../elements/define.ts'
import { currentLocale, t } from '../../i18n/t.ts'
import { ChartChosenEvent, type ChartValue, type Format, type Unit } from './chart.ts'
import { ChartSize } from './chart-size.ts'
import { chartStyles } from './chart-styles.ts'
import { findingOf, pointText } from './finding.ts'
import { placeAfter, wayOf } from './keys.ts'
import { EMPTY_PLOT, type Plot, plotOf } from './plot.ts'
import { type Row, renderRows, rowAfter, rowOf, rowStyles } from './rows.ts'
import { renderSaid } from './said.ts'
import { ticksOf } from './ticks.ts'
import { trendStyles } from './trend-styles.ts'

/** Of the room of a column. */
const COLUMN = 0.76

/**
 * How a whole is made up: `shares` are bars beside their names, each with its share of the whole, or as long as its
 * value where nothing is whole, as with averages; `columns` stand side by side, such as the hours of a day.
 */
export class RingsideDistribution extends LitElement {
  static override properties = {
    label: { attribute: false },
    values: { attribute: false },
    kind: { attribute: false },
    total: { attribute: false },
    unit: { attribute: false },
    format: { attribute: false },
    current: { state: true },
    pointed: { state: true },
  }
  /** What is made up of these. */
  declare label: string
  /** In the order in which they are shown. */
  declare values: readonly ChartValue[]
  declare kind: 'shares' | 'columns'
  /** The whole that the values are parts of; where there is none, there are no shares. */
  declare total: number | null
  declare unit: Unit
  declare format: Format
  /** What the Tab key comes to. */
  declare current: number | null
  declare pointed: number | null
  readonly #size = new ChartSize(this)
  #rows: readonly Row[] = []

  constructor() {
    super()
    this.label = ''
    this.values = []
    this.kind = 'shares'
    this.total = null
    this.unit = 'count'
    this.format = String
    this.current = null
    this.pointed = null
  }

  override focus(): void {
    this.#elementOf(this.#stop)?.focus()
  }

  protected override willUpdate(): void {
    if (this.kind !== 'shares') return
    const { total } = this
    const isWhole = total !== null && total > 0
    const most = this.values.reduce((found, { value }) => Math.max(found, value ?? 0), 0)
    const full = isWhole ? total : most
    const shares = new Intl.NumberFormat(currentLocale(), {
      style: 'percent',
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
    })
    this.#rows = this.values.map(({ label, value }, at) => {
      const length = value === null || full <= 0 ? null : value / full
      const row = { at, name: label, length, value: value === null ? null : this.format(value) }
      return isWhole ? { ...row, more: length === null ? '' : shares.format(length) } : row
    })
  }

  get #stop(): number {
    const isThere = this.current !== null && (this.values[this.current]?.value ?? null) !== null
    if (isThere) return this.current ?? 0
    return this.kind === 'shares' ? 0 : placeAfter(-1, 1, this.values.length, this.#hasValue)
  }

  readonly #hasValue = (at: number): boolean => (this.values[at]?.value ?? null) !== null

  #elementOf(at: number): HTMLElement | null {
    return this.renderRoot.querySelector(`[data-at="${at}"]`)
  }

  readonly #onKey = (event: KeyboardEvent) => {
    const at = this.kind === 'shares' ? rowAfter(this.#rows, event, this)?.at : this.#after(event)
    if (at === undefined || at === null) return
    event.preventDefault()
    this.#elementOf(at)?.focus()
  }

  /** The column that an arrow key leads to; a column is chosen by Enter and the space key, as buttons are. */
  #after(event: KeyboardEvent): number | null {
    const from = rowOf(event)
    if (from === null) return null
    if (event.key === 'Enter' || event.key === ' ') {
      this.dispatchEvent(new ChartChosenEvent(from))
      return from
    }
    const way = wayOf(event, this)
    const count = this.values.length
    if (way === null) return null
    if (way === 'first') return placeAfter(-1, 1, count, this.#hasValue)
    if (way === 'last') return placeAfter(count, -1, count, this.#hasValue)
    return placeAfter(from, way === 'next' || way === 'up' ? 1 : -1, count, this.#hasValue)
  }

  readonly #onFocus = (event: Event) => {
    this.current = rowOf(event)
    this.pointed = this.current
  }
  readonly #onPoint = (event: Event) => {
    this.pointed = rowOf(event)
  }
  readonly #onLeave = () => {
    this.pointed = null
  }
  readonly #onClick = (event: Event) => {
    const at = rowOf(event)
    if (at !== null) this.dispatchEvent(new ChartChosenEvent(at))
  }

  protected override render() {
    const finding = findingOf(this.values, this.format, this.total)
    if (this.values.every(({ value }) => value === null))
      return html`<p class="empty">${finding}</p>`
    const pointed = this.pointed === null ? undefined : this.values[this.pointed]
    const isColumns = this.kind === 'columns'
    const said = isColumns && pointed !== undefined ? pointText(pointed, this.format) : null
    return html`<div class="picture" role="group" aria-label=${t('charts.picture', { label: this.label, finding })}
      @keydown=${this.#onKey} @focusin=${this.#onFocus} @focusout=${this.#onLeave} @click=${this.#onClick}>
      ${renderSaid(finding, said)}
      ${isColumns ? this.#renderColumns() : renderRows(this.#rows, this.#stop)}</div>`
  }

  #renderColumns(): TemplateResult {
    if (this.#size.width === 0) return EMPTY_PLOT
    const most = this.values.reduce((found, { value }) => Math.max(found, value ?? 0), 0)
    const plot = plotOf({
      size: this.#size,
      places: this.values,
      count: this.values.length,
      ticks: ticksOf(most, this.unit),
      format: this.format,
      isBetween: true,
    })
    return html`<svg class="plot" @pointerover=${this.#onPoint} @pointerleave=${this.#onLeave}>
      <g aria-hidden="true">${plot.frame}</g>
      ${this.values.map((value, at) => this.#renderColumn(value, at, plot))}</svg>`
  }

  /** All of the height can be pressed, however little the column is. */
  #renderColumn(
    one: ChartValue,
    at: number,
    { x, y, slot }: Plot,
  ): TemplateResult | typeof nothing {
    if (one.value === null) return nothing
    const [middle, base] = [x(at), y(0)]
    const level = one.value > 0 ? Math.min(y(one.value), base - 1) : base
    const width = slot * COLUMN
    return svg`<g role="button" data-at=${at} class=${at === this.pointed ? 'on' : ''}
      aria-label=${pointText(one, this.format)} tabindex=${at === this.#stop ? '0' : '-1'}>
      <rect class="reach" x=${middle - slot / 2} y="0" width=${slot} height=${base}></rect>
      <rect class="column" x=${middle - width / 2} y=${level} width=${width} height=${base - level}></rect></g>`
  }

  static override styles = [
    ...chartStyles,
    rowStyles,
    trendStyles,
    css`
      .column { fill: var(--_accent); }
      .on .reach { fill: var(--_surface); }
      @media (forced-colors: active) {
        .column { fill: CanvasText; }
        .on .reach { fill: none; stroke: Highlight; }
      }
    `,
  ]
}

define('ringside-distribution', RingsideDistribution)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-distribution': RingsideDistribution
  }
}
