import { html, LitElement, nothing } from 'lit'
import { define } from '../../elements/define.ts'
import { t } from '../../i18n/t.ts'
import { ChartChosenEvent, type ChartValue, type Format } from './chart.ts'
import { chartStyles } from './chart-styles.ts'
import { findingOf } from './finding.ts'
import { type Row, renderRows, rowAfter, rowOf, rowStyles } from './rows.ts'
import { renderSaid } from './said.ts'

/** A picture of more is a list. */
const MOST = 20

/** A name with a value; nobody is none of the others, and stands last. */
export interface BarValue extends ChartValue {
  readonly isLast?: boolean
}

/** A figure by name, the largest first: at most twenty, and how many more the table has. */
export class RingsideBars extends LitElement {
  static override properties = {
    label: { attribute: false },
    values: { attribute: false },
    total: { attribute: false },
    format: { attribute: false },
    current: { state: true },
  }
  /** What is compared. */
  declare label: string
  declare values: readonly BarValue[]
  /** The whole, where there is one. */
  declare total: number | null
  declare format: Format
  /** The row that the Tab key comes to. */
  declare current: number | null
  #rows: readonly Row[] = []

  constructor() {
    super()
    this.label = ''
    this.values = []
    this.total = null
    this.format = String
    this.current = null
  }

  override focus(): void {
    this.#buttonOf(this.#stop)?.focus()
  }

  protected override willUpdate(): void {
    const sorted = this.values
      .map((value, at) => ({ ...value, at }))
      .sort((one, other) => (other.value ?? -1) - (one.value ?? -1))
    const most = sorted.reduce((found, { value }) => Math.max(found, value ?? 0), 0)
    // Nobody stays in the picture, however many there are.
    const ends = sorted.filter(({ isLast }) => isLast)
    const shown = [...sorted.filter(({ isLast }) => !isLast).slice(0, MOST - ends.length), ...ends]
    this.#rows = shown.map((one) => ({
      at: one.at,
      name: one.label,
      length: one.value === null ? null : most > 0 ? Math.max(0, one.value) / most : 0,
      value: one.value === null ? null : this.format(one.value),
    }))
  }

  get #stop(): number {
    const isShown = this.#rows.some(({ at }) => at === this.current)
    return (isShown ? this.current : this.#rows[0]?.at) ?? 0
  }

  #buttonOf(at: number): HTMLElement | null {
    return this.renderRoot.querySelector(`[data-at="${at}"]`)
  }

  readonly #onKey = (event: KeyboardEvent) => {
    const row = rowAfter(this.#rows, event, this)
    if (row === null) return
    event.preventDefault()
    this.#buttonOf(row.at)?.focus()
  }
  readonly #onFocus = (event: Event) => {
    this.current = rowOf(event)
  }
  readonly #onClick = (event: Event) => {
    const at = rowOf(event)
    if (at !== null) this.dispatchEvent(new ChartChosenEvent(at))
  }

  protected override render() {
    const finding = findingOf(this.values, this.format, this.total)
    if (this.values.every(({ value }) => value === null))
      return html`<p class="empty">${finding}</p>`
    const rest = this.values.length - this.#rows.length
    return html`<div class="picture" role="group" aria-label=${t('charts.picture', { label: this.label, finding })}
      @keydown=${this.#onKey} @focusin=${this.#onFocus} @click=${this.#onClick}>
      ${renderSaid(finding, null)}
      ${renderRows(this.#rows, this.#stop)}
      ${rest > 0 ? html`<p class="small muted">${t('charts.more', { count: rest })}</p>` : nothing}</div>`
  }

  static override styles = [...chartStyles, rowStyles]
}

define('ringside-bars', RingsideBars)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-bars': RingsideBars
  }
}
