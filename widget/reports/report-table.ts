import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type {
  ReportColumnView,
  ReportGroupView,
  ReportRowView,
  ReportView,
} from '../../server/http/report-schemas.ts'
import { define } from '../elements/define.ts'
import { currentLocale, t } from '../i18n/t.ts'
import { tableStyles } from './reports-styles.ts'
import {
  canBeOpened,
  figureName,
  figureText,
  groupingText,
  groupText,
  type Names,
} from './words.ts'

/** Which figure: of a row of the report, of all, or of the period before. */
export interface FigureAt {
  readonly key: string
  readonly of: ReportGroupView | 'total' | 'previous'
  /** It is one of the key figures, not one of the table. */
  readonly isCard?: boolean
  /** Of several days: the last one. */
  readonly until?: ReportGroupView
}

/** Asks for what is behind a figure; inside the reports only. */
export class FigureEvent extends CustomEvent<FigureAt> {
  constructor(detail: FigureAt) {
    super('ringside-figure', { detail, bubbles: true, composed: false })
  }
}

interface Sorting {
  /** A column's key; empty: the rows' names. */
  readonly key: string
  readonly isDown: boolean
}
type Values = ReportRowView['values']

/** The table of a report: sorted by any column, and each figure opens what is behind it. */
export class RingsideReportTable extends LitElement {
  static override properties = {
    report: { attribute: false },
    columns: { attribute: false },
    names: { attribute: false },
    label: { attribute: false },
    sorting: { state: true },
  }
  declare report: ReportView | null
  declare columns: readonly ReportColumnView[]
  declare names: Names
  /** The caption: what the figures are about. */
  declare label: string
  /** null: as the server has them. */
  declare sorting: Sorting | null
  /** The figure that Tab goes to. */
  #active = ''

  constructor() {
    super()
    this.report = null
    this.columns = []
    this.names = new Map()
    this.label = ''
    this.sorting = null
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before: ReportView | null | undefined = changed.get('report')
    if (before && (before.report !== this.report?.report || before.by !== this.report?.by))
      this.sorting = null
  }

  /** One figure is reached by Tab, the others by the arrow keys: there may be thousands. */
  protected override updated(): void {
    const buttons = this.#buttons()
    const reached = buttons.find(({ dataset }) => dataset.figure === this.#active) ?? buttons[0]
    for (const button of buttons) button.tabIndex = button === reached ? 0 : -1
  }

  /** Goes back to a figure that had been opened. */
  focusFigure(at: string): boolean {
    const button = this.#buttons().find(({ dataset }) => dataset.figure === at)
    button?.focus()
    return button !== undefined
  }

  #buttons(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLButtonElement>('.figure')]
  }

  readonly #onFocus = ({ target }: Event) => {
    const at = (target as HTMLElement).dataset.figure
    if (at === undefined || at === this.#active) return
    this.#active = at
    this.updated()
  }
  readonly #onKey = (event: KeyboardEvent) => {
    const cell = (event.target as HTMLElement).closest('td')
    if (cell === null || event.ctrlKey || event.metaKey || event.altKey) return
    const isRtl = getComputedStyle(this).direction === 'rtl'
    const next = neighbour(cell, event.key, isRtl)
    if (next === undefined) return
    event.preventDefault()
    next?.focus()
  }

  #sort(key: string): void {
    const { sorting } = this
    const isSame = sorting?.key === key
    // Figures begin with the largest, names with the first; a third time gives the server's order back.
    const first = key !== ''
    if (!isSame) this.sorting = { key, isDown: first }
    else this.sorting = sorting.isDown === first ? { key, isDown: !first } : null
  }

  get #rows(): readonly ReportRowView[] {
    const { report, sorting } = this
    if (report === null || sorting === null) return report?.rows ?? []
    const { key, isDown } = sorting
    const sign = isDown ? -1 : 1
    const rows = [...report.rows]
    // Days and hours come in their own order, which is not that of the alphabet.
    if (key === '' && !/agent|queue|channel/.test(report.by)) return isDown ? rows.reverse() : rows
    if (key === '') {
      const name = (row: ReportRowView) => groupText(row.group, report.by, this.names)
      return rows.sort((a, b) => sign * name(a).localeCompare(name(b), currentLocale()))
    }
    // What has no value comes last in either direction.
    const rank = ({ values }: ReportRowView) => values[key] ?? sign * Number.POSITIVE_INFINITY
    return rows.sort((a, b) => (rank(a) === rank(b) ? 0 : (rank(a) - rank(b)) * sign))
  }

  protected override render() {
    const { report } = this
    if (report === null) return nothing
    const name = (row: ReportRowView) => groupText(row.group, report.by, this.names)
    return html`<p class="sr" id="keys">${t('reports.keys')}</p>
      <div class="scroll" role="region" tabindex="0" aria-labelledby="caption"><table aria-describedby="keys"
        @keydown=${this.#onKey} @focusin=${this.#onFocus}>
      <caption class="sr" id="caption">${this.label}</caption>
      <thead><tr>${this.#renderHead('', groupingText(report.by), true)}${this.columns.map(
        ({ key, applies }) => this.#renderHead(key, figureName(key), applies),
      )}</tr></thead>
      <tbody>${this.#rows.map((row) =>
        this.#renderRow(name(row), row.values, {
          id: rowId(row.group),
          of: row.group,
          canOpen: canOpen(row),
        }),
      )}</tbody>
      <tfoot>${this.#renderRow(t('reports.total'), report.total, { id: 'total', of: 'total', canOpen: true })}
        ${this.#renderRow(t('reports.previous'), report.previous, { id: 'previous', of: 'previous', canOpen: true })}</tfoot>
    </table></div>`
  }

  #renderHead(key: string, name: string, applies: boolean): TemplateResult {
    const isSorted = this.sorting?.key === key
    const way = isSorted ? (this.sorting?.isDown ? 'descending' : 'ascending') : nothing
    if (!applies)
      return html`<th scope="col"><span>${name}</span> <span class="off">${t('reports.notApplies')}</span></th>`
    return html`<th scope="col" aria-sort=${way}><button class="sort" @click=${() => this.#sort(key)}>${
      isSorted
        ? html`<span class="mark" aria-hidden="true">${this.sorting?.isDown ? '▼' : '▲'}</span>`
        : nothing
    }${name}</button></th>`
  }

  #renderRow(
    name: string,
    values: Values,
    at: { readonly id: string; readonly of: FigureAt['of']; readonly canOpen: boolean },
  ): TemplateResult {
    return html`<tr><th scope="row" title=${name}><bdi>${name}</bdi></th>${this.columns.map(
      ({ key, unit, applies }) => {
        const value = values[key]
        const text = figureText(value, unit)
        if (value == null)
          return html`<td class="muted"><span aria-hidden="true">${text}</span><span class="sr">${t(applies ? 'reports.noValue' : 'reports.notApplies')}</span></td>`
        if (!at.canOpen || !canBeOpened(value, unit))
          return html`<td class="num ${value === 0 ? 'muted' : ''}">${text}</td>`
        const open = () => this.dispatchEvent(new FigureEvent({ key, of: at.of }))
        return html`<td><button class="figure" tabindex="-1" data-figure="${at.id}:${key}"
          aria-label="${figureName(key)}, ${name}: ${text}" @click=${open}>${text}</button></td>`
      },
    )}</tr>`
  }

  static override styles = [
    ...tableStyles,
    css`
      :host { display: block; }
      .sort {
        inline-size: 100%; min-block-size: 24px; padding: 0; border: 0; background: none; font-weight: 500; color: var(--_muted);
        justify-content: end; text-align: end; gap: 2px;
      }
      th:first-child .sort { justify-content: start; text-align: start; }
      .sort:hover { background: none; color: var(--_text); text-decoration: underline; }
      [aria-sort] .sort { color: var(--_text); font-weight: 600; }
      .mark { font-size: 0.8em; }
      .off { display: block; min-inline-size: 9em; font-weight: 400; }
      thead th { min-inline-size: 5.5em; }
      th:first-child { position: sticky; z-index: 1; inset-inline-start: 0; background: var(--_background); max-inline-size: 17em; overflow: hidden; text-overflow: ellipsis; }
      thead th:first-child { z-index: 2; background: var(--_surface); }
      tbody tr:hover > * { background: var(--_surface); }
      tfoot > tr > * { position: sticky; z-index: 1; background: var(--_surface); font-weight: 600; }
      tfoot > tr > th:first-child { z-index: 2; background: var(--_surface); }
      tfoot > tr:first-child > * { inset-block-end: var(--_control); border-block-start: 1px solid var(--_border); }
      tfoot > tr:last-child > * { inset-block-end: 0; }
      tfoot .figure { font-weight: 600; }
      tfoot > tr:last-child > *, tfoot > tr:last-child .figure { font-weight: 400; color: var(--_muted); }
    `,
  ]
}

/** The figure that a key leads to; null: there is none that way; undefined: not our key. */
function neighbour(
  cell: HTMLTableCellElement,
  key: string,
  isRtl: boolean,
): HTMLElement | null | undefined {
  const row = cell.parentElement as HTMLTableRowElement
  const inRow = [...row.querySelectorAll<HTMLElement>('.figure')]
  const at = inRow.findIndex((one) => cell.contains(one))
  switch (key) {
    case 'Home':
      return inRow[0]
    case 'End':
      return inRow.at(-1)
    case 'ArrowLeft':
    case 'ArrowRight':
      return inRow[at + ((key === 'ArrowRight') === isRtl ? -1 : 1)] ?? null
    case 'ArrowUp':
    case 'ArrowDown':
      return below(row, cell.cellIndex, key === 'ArrowDown' ? 1 : -1)
    default:
      return undefined
  }
}

/** The next row that has a figure in this column. */
function below(row: HTMLTableRowElement, column: number, step: 1 | -1): HTMLElement | null {
  const rows = [...(row.closest('table')?.rows ?? [])]
  for (let at = row.rowIndex + step; at > 0 && at < rows.length; at += step) {
    const figure = rows[at]?.cells[column]?.querySelector<HTMLElement>('.figure')
    if (figure) return figure
  }
  return null
}

/** The server can be asked for each row but those of calls inside. */
const canOpen = ({ group }: ReportRowView): boolean => group.direction !== 'internal'

/** A row's name in `data-figure`, the same however the rows are sorted. */
export function rowId(group: ReportGroupView): string {
  return JSON.stringify(group)
}

define('ringside-report-table', RingsideReportTable)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-report-table': RingsideReportTable
  }
  interface HTMLElementEventMap {
    'ringside-figure': FigureEvent
  }
}
