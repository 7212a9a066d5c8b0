import { html, LitElement, nothing, type PropertyValues, svg, type TemplateResult } from 'lit'
import { define } from '../../elements/define.ts'
import { t } from '../../i18n/t.ts'
import {
  ChartChosenEvent,
  type ChartLabel,
  type ChartSeries,
  type Format,
  titleOf,
  type Unit,
} from './chart.ts'
import { ChartSize } from './chart-size.ts'
import { chartStyles } from './chart-styles.ts'
import { findingsOf, valueText } from './finding.ts'
import { placeAfter, wayOf } from './keys.ts'
import { isAlone, lineThrough, MOST_SERIES, mark } from './marks.ts'
import { EMPTY_PLOT, type Plot, plotOf } from './plot.ts'
import { renderSaid } from './said.ts'
import { type Points, pointsOf } from './thin.ts'
import { ticksOf } from './ticks.ts'
import { trendStyles } from './trend-styles.ts'

/** With less room between points their signs would touch: then one line needs none, and several have few. */
const ROOM_FOR_SIGNS = 12
const ROOM_BETWEEN_FEW = 56

interface Spot {
  readonly series: number
  readonly at: number
}

/** Figures over days, each a line, with the period before as a dashed one. */
export class RingsideTrend extends LitElement {
  static override properties = {
    label: { attribute: false },
    places: { attribute: false },
    series: { attribute: false },
    unit: { attribute: false },
    format: { attribute: false },
    current: { state: true },
    pointed: { state: true },
  }
  /** What is shown. */
  declare label: string
  /** The days. */
  declare places: readonly ChartLabel[]
  /** At most four figures of one unit. */
  declare series: readonly ChartSeries[]
  declare unit: Unit
  declare format: Format
  /** The point that the Tab key comes to. */
  declare current: Spot | null
  /** The point that the pointer or the focus is on. */
  declare pointed: Spot | null
  readonly #size = new ChartSize(this)
  #points: Points = { places: [], series: [], isThinned: false }

  constructor() {
    super()
    this.label = ''
    this.places = []
    this.series = []
    this.unit = 'count'
    this.format = String
    this.current = null
    this.pointed = null
  }

  override focus(): void {
    this.#elementOf(this.#stop)?.focus()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('places') && !changed.has('series') && !changed.has('unit')) return
    const shown = this.series.slice(0, MOST_SERIES)
    this.#points = pointsOf(this.places, shown, this.unit === 'count')
    // The same figures may be given again, while somebody is in the picture.
    if (this.current !== null && this.#valueAt(this.current) === null) this.current = null
    if (this.pointed !== null && this.#valueAt(this.pointed) === null) this.pointed = null
  }

  /** Where the Tab key comes to: the newest day, until another one had the focus. */
  get #stop(): Spot {
    const last = this.#points.places.length
    const at = placeAfter(
      last,
      -1,
      last,
      (place) => this.#valueAt({ series: 0, at: place }) !== null,
    )
    return this.current ?? { series: 0, at }
  }

  #valueAt({ series, at }: Spot): number | null {
    return this.#points.series[series]?.values[at] ?? null
  }

  #elementOf({ series, at }: Spot): SVGElement | null {
    return this.renderRoot.querySelector(`[data-at="${at}"][data-series="${series}"]`)
  }

  readonly #onKey = (event: KeyboardEvent) => {
    const spot = spotOf(event)
    if (spot === null) return
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      this.#choose(spot)
      return
    }
    const way = wayOf(event, this)
    if (way === null) return
    event.preventDefault()
    this.#elementOf(this.#spotAfter(spot, way))?.focus()
  }

  /** From day to day on one line; up and down to the line of another figure on the same day. */
  #spotAfter({ series, at }: Spot, way: NonNullable<ReturnType<typeof wayOf>>): Spot {
    const { places, series: all } = this.#points
    const hasDay = (place: number) => this.#valueAt({ series, at: place }) !== null
    const hasLine = (line: number) => this.#valueAt({ series: line, at }) !== null
    if (way === 'first') return { series, at: placeAfter(-1, 1, places.length, hasDay) }
    if (way === 'last') return { series, at: placeAfter(places.length, -1, places.length, hasDay) }
    const step = way === 'next' || way === 'down' ? 1 : -1
    if (way === 'up' || way === 'down') {
      return { series: placeAfter(series, step, all.length, hasLine), at }
    }
    return { series, at: placeAfter(at, step, places.length, hasDay) }
  }

  #choose({ series, at }: Spot): void {
    const place = this.#points.places[at]
    if (place === undefined) return
    this.dispatchEvent(new ChartChosenEvent(place.from, place.to, series))
  }

  /** The nearest day, and of it the nearest line. */
  #nearest(event: MouseEvent, plot: Plot): Spot | null {
    const box = (event.currentTarget as Element).getBoundingClientRect()
    const [x, y] = [event.clientX - box.left, event.clientY - box.top]
    const at = Math.min(this.#points.places.length - 1, Math.max(0, plot.placeAt(x)))
    const near = this.#points.series
      .map((_line, series) => ({ series, at, value: this.#valueAt({ series, at }) }))
      .filter((one): one is Spot & { value: number } => one.value !== null)
      .sort((one, other) => Math.abs(plot.y(one.value) - y) - Math.abs(plot.y(other.value) - y))
    return near[0] ?? null
  }

  readonly #onFocus = (event: Event) => {
    const spot = spotOf(event)
    this.current = spot ?? this.current
    this.pointed = spot
  }
  readonly #onLeave = () => {
    this.pointed = null
  }

  protected override render() {
    const { places, series } = this.#points
    const finding = findingsOf(
      places.map((place) => ({ ...place, value: null })),
      series,
      this.format,
    )
    const all = series.flatMap(({ values, previous = [] }) => [...values, ...previous])
    if (all.every((value) => value === null)) return html`<p class="empty">${finding}</p>`
    const said = this.#points.isThinned ? `${finding} ${t('charts.weeks')}` : finding
    return html`<div class="picture" role="group" aria-label=${t('charts.picture', { label: this.label, finding: said })}>
      ${renderSaid(said, this.#pointedText())}
      ${this.#size.width > 0 ? this.#renderPicture(all) : EMPTY_PLOT}
      ${this.#renderLegend()}</div>`
  }

  /** The day that is pointed at, with all of its figures. */
  #pointedText(): string | null {
    const place = this.pointed === null ? undefined : this.#points.places[this.pointed.at]
    if (place === undefined || this.pointed === null) return null
    const { at } = this.pointed
    const { series } = this.#points
    const values = series.map((one) => this.#withBefore(one, at, series.length > 1))
    return `${titleOf(place)}: ${values.join('; ')}`
  }

  #withBefore({ label, values, previous }: ChartSeries, at: number, isNamed: boolean): string {
    const value = valueText(values[at] ?? null, this.format)
    const point = isNamed ? t('charts.point', { label, value }) : value
    const before = previous?.[at] ?? null
    return before === null ? point : t('charts.pointBefore', { point, value: this.format(before) })
  }

  #renderPicture(all: readonly (number | null)[]): TemplateResult {
    const { places, series } = this.#points
    const most = all.reduce<number>((found, value) => Math.max(found, value ?? 0), 0)
    const plot = plotOf({
      size: this.#size,
      places,
      count: series.reduce(
        (found, one) => Math.max(found, one.previous?.length ?? 0),
        places.length,
      ),
      ticks: ticksOf(most, this.unit),
      format: this.format,
      isBetween: false,
    })
    const onPoint = (event: PointerEvent) => {
      this.pointed = this.#nearest(event, plot)
    }
    const onClick = (event: MouseEvent) => {
      const spot = this.#nearest(event, plot)
      if (spot !== null) this.#choose(spot)
    }
    return html`<svg class="plot" @pointermove=${onPoint} @pointerleave=${this.#onLeave}
      @click=${onClick} @keydown=${this.#onKey} @focusin=${this.#onFocus} @focusout=${this.#onLeave}>
      <g aria-hidden="true">${plot.frame}${this.#renderPointed(plot)}${series.map((one, index) => this.#renderLines(one, index, plot))}</g>
      ${series.map((one, index) => this.#renderPoints(one, index, plot))}</svg>`
  }

  #renderPointed({ x, y }: Plot): TemplateResult | typeof nothing {
    if (this.pointed === null) return nothing
    const at = x(this.pointed.at)
    return svg`<line class="pointed" x1=${at} x2=${at} y1="0" y2=${y(0)}></line>`
  }

  #renderLines({ values, previous }: ChartSeries, index: number, { x, y }: Plot): TemplateResult {
    const before = previous === undefined ? '' : lineThrough(previous, x, y)
    return svg`<path class="before c${index + 1}" d=${before}></path>
      <path class="line c${index + 1}" d=${lineThrough(values, x, y)}></path>`
  }

  #renderPoints(one: ChartSeries, series: number, { x, y, slot }: Plot): TemplateResult[] {
    const { at: stopAt, series: stopSeries } = this.#stop
    const { text } = this.#size
    return one.values.flatMap((value, at) => {
      const place = this.#points.places[at]
      if (value === null || place === undefined) return []
      const isOn = this.pointed?.at === at
      const isShown = isOn || this.#hasSign(series, at, slot) || isAlone(one.values, at)
      const label = `${titleOf(place)}: ${this.#withBefore(one, at, true)}`
      return [
        svg`<g role="button" data-at=${at} data-series=${series} aria-label=${label}
          tabindex=${at === stopAt && series === stopSeries ? '0' : '-1'}>
          <circle class="reach" cx=${x(at)} cy=${y(value)} r=${text}></circle>
          ${mark(series, x(at), y(value), isShown ? '' : 'quiet')}</g>`,
      ]
    })
  }

  /** Signs of several lines stand beside one another, not above. */
  #hasSign(series: number, at: number, slot: number): boolean {
    if (slot >= ROOM_FOR_SIGNS) return true
    const count = this.#points.series.length
    const every = Math.ceil(ROOM_BETWEEN_FEW / slot)
    return count > 1 && at % every === Math.floor((series * every) / count)
  }

  #renderLegend(): TemplateResult | typeof nothing {
    const { series } = this.#points
    const hasBefore = series.some(({ previous }) => previous?.some((value) => value !== null))
    if (series.length < 2 && !hasBefore) return nothing
    const sample = (index: number, name: string) => html`<svg class="sample" aria-hidden="true">
      ${svg`<path class="${name} c${index + 1}" d="M0 7H28"></path>${name === 'line' ? mark(index, 14, 7) : nothing}`}</svg>`
    return html`<ul class="legend" aria-hidden="true">${series.map(
      ({ label }, index) => html`<li>${sample(index, 'line')}<span>${label}</span></li>`,
    )}${hasBefore ? html`<li>${sample(0, 'before')}<span>${t('charts.before')}</span></li>` : nothing}</ul>`
  }

  static override styles = [...chartStyles, trendStyles]
}

/** The point in which something happened. */
function spotOf(event: Event): Spot | null {
  const point = (event.target as Element).closest<SVGElement>('[data-at]')
  if (point === null) return null
  return { series: Number(point.dataset.series), at: Number(point.dataset.at) }
}

define('ringside-trend', RingsideTrend)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-trend': RingsideTrend
  }
}
