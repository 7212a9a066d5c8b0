import { css, html, LitElement, type PropertyValues, type TemplateResult } from 'lit'
import { define } from '../../elements/define.ts'
import { currentLocale, t } from '../../i18n/t.ts'
import { ChartChosenEvent, type ChartValue, type Format } from './chart.ts'
import { chartStyles } from './chart-styles.ts'
import { findingOf, pointText } from './finding.ts'
import { stepOf, stepsOf } from './heat-steps.ts'
import { wayOf } from './keys.ts'
import { renderSaid } from './said.ts'
import { hours, type Weekday, weekdays } from './week.ts'

const HOURS = 24
/** Signs that fit into the narrowest cell; part of a number would be another number. */
const ROOM = 4

/**
 * Numbers by weekday and hour: hours from start to end where there is room, else from top to bottom.
 *
 * Not SVG but a grid of buttons: the same picture, and the browser does what an SVG would have to be taught: turning
 * it round in right-to-left pages, larger text, forced colours, and standing upright in a narrow place.
 */
export class RingsideHeatMap extends LitElement {
  static override properties = {
    label: { attribute: false },
    values: { attribute: false },
    total: { attribute: false },
    format: { attribute: false },
    current: { state: true },
    pointed: { state: true },
  }
  /** What is counted. */
  declare label: string
  /** By `(weekday - 1) * 24 + hour`, Monday being 1. */
  declare values: readonly (number | null)[]
  /** The whole, where there is one. */
  declare total: number | null
  declare format: Format
  /** The cell that the Tab key comes to. */
  declare current: number
  /** The cell that the pointer or the focus is on. */
  declare pointed: number | null
  #days: readonly Weekday[] = []
  #cells: readonly ChartValue[] = []
  #steps: readonly number[] = []

  constructor() {
    super()
    this.label = ''
    this.values = []
    this.total = null
    this.format = String
    this.current = -1
    this.pointed = null
  }

  override focus(): void {
    this.#buttonOf(this.#stop)?.focus()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('values')) return
    this.#days = weekdays()
    const named = [...this.#days].sort((one, other) => one.weekday - other.weekday)
    const times = hours()
    this.#cells = named.flatMap(({ long }, day) =>
      times.map(({ label, title }, hour) => ({
        label,
        title: t('charts.hourOfDay', { day: long, hour: title }),
        value: this.values[day * HOURS + hour] ?? null,
      })),
    )
    this.#steps = stepsOf(Math.max(0, ...this.#cells.map(({ value }) => value ?? 0)))
  }

  /** Where the Tab key comes to: the first cell as it is read, until another one had the focus. */
  get #stop(): number {
    return this.current >= 0 ? this.current : ((this.#days[0]?.weekday ?? 1) - 1) * HOURS
  }

  #buttonOf(at: number): HTMLElement | null {
    return this.renderRoot.querySelector(`[data-at="${at}"]`)
  }

  readonly #onKey = (event: KeyboardEvent) => {
    const way = wayOf(event, this)
    const from = cellOf(event)
    if (way === null || from === null) return
    event.preventDefault()
    const to = this.#cellAfter(from, way)
    this.#buttonOf(to)?.focus()
  }

  /** Upright, hours run down and days across. */
  #cellAfter(from: number, way: NonNullable<ReturnType<typeof wayOf>>): number {
    const map = this.renderRoot.querySelector('.map')
    const isUpright = map !== null && getComputedStyle(map).gridAutoFlow === 'column'
    const day = this.#days.findIndex(({ weekday }) => weekday === Math.floor(from / HOURS) + 1)
    const hour = from % HOURS
    const isAcross = way === 'next' || way === 'previous'
    const step = way === 'next' || way === 'down' ? 1 : -1
    if (way === 'first') return from - hour
    if (way === 'last') return from - hour + HOURS - 1
    if (isAcross !== isUpright) return from - hour + clamp(hour + step, HOURS - 1)
    const to = this.#days[clamp(day + step, this.#days.length - 1)]
    return ((to?.weekday ?? 1) - 1) * HOURS + hour
  }

  readonly #onPoint = (event: Event) => {
    const at = cellOf(event)
    if (at !== null) this.pointed = at
  }
  readonly #onFocus = (event: Event) => {
    this.#onPoint(event)
    this.current = cellOf(event) ?? this.current
  }
  readonly #onLeave = () => {
    this.pointed = null
  }
  readonly #onClick = (event: Event) => {
    const at = cellOf(event)
    if (at !== null) this.dispatchEvent(new ChartChosenEvent(at))
  }

  protected override render() {
    const finding = findingOf(this.#cells, this.format, this.total)
    if (this.#cells.every(({ value }) => value === null))
      return html`<p class="empty">${finding}</p>`
    const pointed = this.pointed === null ? undefined : this.#cells[this.pointed]
    return html`<div class="picture" role="group" aria-label=${t('charts.picture', { label: this.label, finding })}>
      ${renderSaid(finding, pointed === undefined ? null : pointText(pointed, this.format))}
      <div class="map" @keydown=${this.#onKey} @pointerover=${this.#onPoint} @pointerleave=${this.#onLeave}
        @focusin=${this.#onFocus} @focusout=${this.#onLeave} @click=${this.#onClick}>
        <span></span>${this.#renderHours()}${this.#days.map((day) => this.#renderDay(day))}</div>
      ${this.#renderLegend()}</div>`
  }

  #renderHours(): TemplateResult[] {
    const on = this.pointed === null ? -1 : this.pointed % HOURS
    return hours().map(
      ({ label }, hour) =>
        html`<span class="hour ${hour % 3 === 0 ? 'third' : ''} ${hour === on ? 'on' : ''}" aria-hidden="true">${label}</span>`,
    )
  }

  #renderDay({ weekday, short, narrow }: Weekday): TemplateResult {
    const isOn = this.pointed !== null && Math.floor(this.pointed / HOURS) === weekday - 1
    const isLong = short.length > 4
    const days = this.#cells.slice((weekday - 1) * HOURS, weekday * HOURS)
    return html`<span class="day ${isOn ? 'on' : ''} ${isLong ? 'long' : ''}" aria-hidden="true">
        <span class="short">${short}</span><span class="narrow">${narrow}</span></span>
      ${days.map((cell, hour) => this.#renderCell(cell, (weekday - 1) * HOURS + hour))}`
  }

  #renderCell(cell: ChartValue, at: number): TemplateResult {
    const value = cell.value ?? 0
    const text = value === 0 ? '' : compact(value)
    const label = pointText(cell, this.format)
    // What is written in it is part of its name (WCAG 2.5.3): people say it to press it.
    const isShort = text !== '' && text !== this.format(value)
    return html`<button class="cell num s${stepOf(value, this.#steps)}" data-at=${at}
      tabindex=${at === this.#stop ? 0 : -1} aria-label=${isShort ? t('charts.rounded', { point: label, value: text }) : label}
      ><span class=${text.length > ROOM ? 'much' : ''} aria-hidden="true">${text}</span></button>`
  }

  #renderLegend(): TemplateResult {
    const { format } = this
    const range = (most: number, at: number) => {
      const least = (this.#steps[at - 1] ?? 0) + 1
      return least === most ? format(most) : `${format(least)}–${format(most)}`
    }
    const item = (step: number, text: string) =>
      html`<li><span class="swatch s${step}" aria-hidden="true"></span>${text}</li>`
    return html`<ul class="legend num" aria-hidden="true">${item(0, format(0))}${this.#steps.map(
      (most, at) => item(stepOf(most, this.#steps), range(most, at)),
    )}</ul>`
  }

  static override styles = [
    ...chartStyles,
    css`
      .map { display: grid; grid-template-columns: max-content repeat(24, minmax(0, 1fr)); gap: 2px; }
      .hour, .day { font-size: var(--_small); line-height: 1.2; color: var(--_muted); white-space: nowrap; }
      .hour { visibility: hidden; inline-size: 0; padding-block-end: 2px; }
      .hour.third { visibility: visible; }
      .day { display: grid; align-items: center; padding-inline-end: var(--_1); }
      .day .narrow { display: none; }
      .on { color: var(--_text); font-weight: 600; }
      .cell {
        min-inline-size: 0; min-block-size: calc(var(--_control) * 0.9); padding: 0; border: 0; border-radius: 3px;
        font-size: calc(var(--_size) * 0.786); font-weight: 500; overflow: hidden;
      }
      .cell:hover { outline: 2px solid var(--_text); outline-offset: -2px; }
      .cell:focus-visible { outline: 2px solid var(--_text); outline-offset: 1px; z-index: 1; }
      @container chart (max-width: 90em) { .much { display: none; } }
      .swatch { inline-size: 1.6em; block-size: 1em; border-radius: 3px; }
      .s0 { background: var(--_surface); color: var(--_muted); }
      .s1 { background: var(--_step-1); }
      .s2 { background: var(--_step-2); }
      .s3 { background: var(--_step-3); }
      .s4 { background: var(--_step-4); color: var(--_on-step-4); }
      .s5 { background: var(--_step-5); color: var(--_on-accent); }
      .swatch.s0 { box-shadow: inset 0 0 0 1px var(--_border); }
      .hour.on:not(.third) { visibility: hidden; }
      @container chart (max-width: 54em) {
        .map { grid-auto-flow: column; grid-template: repeat(25, auto) / max-content repeat(7, minmax(0, 1fr)); }
        .hour {
          visibility: visible; display: grid; align-items: center; justify-items: end; inline-size: auto;
          padding: 0; padding-inline-end: var(--_1);
        }
        .hour.on:not(.third) { visibility: visible; }
        .day { justify-items: center; padding: 0; padding-block-end: 2px; }
        .cell { min-block-size: 24px; }
        .much { display: inline; }
      }
      @container chart (max-width: 30em) {
        .day.long .short { display: none; }
        .day.long .narrow { display: block; }
        .much { display: none; }
      }
      @media (forced-colors: active) {
        .cell, .swatch { forced-color-adjust: none; background: Canvas; color: CanvasText; border: 1px solid GrayText; }
        .s2 { border-color: CanvasText; }
        .s3 { border: 2px solid CanvasText; }
        .s4 { border: 2px dashed Highlight; }
        .s5 { border-color: Highlight; background: Highlight; color: HighlightText; }
        .cell:hover, .cell:focus-visible { outline-color: Highlight; }
      }
    `,
  ]
}

/** The cell in which something happened. */
function cellOf(event: Event): number | null {
  const cell = (event.target as Element).closest<HTMLElement>('[data-at]')
  return cell === null ? null : Number(cell.dataset.at)
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value))
}

/** `1.2K`: a cell has little room. */
function compact(value: number): string {
  return new Intl.NumberFormat(currentLocale(), { notation: 'compact' }).format(value)
}

define('ringside-heat-map', RingsideHeatMap)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-heat-map': RingsideHeatMap
  }
}
