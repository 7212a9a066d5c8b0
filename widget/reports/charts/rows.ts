/** Bars that lie beside their names: HTML, so that names of any length and language find their room. */
import { css, html, nothing, svg, type TemplateResult } from 'lit'
import { plain } from '../../format.ts'
import { t } from '../../i18n/t.ts'
import { wayOf } from './keys.ts'

export interface Row {
  /** Which of the given values it is. */
  readonly at: number
  readonly name: string
  /** 0 to 1; null: no bar. */
  readonly length: number | null
  /** null: there is none. */
  readonly value: string | null
  /** A second value, such as the share. */
  readonly more?: string
}

/** One button per row; `stop` is the one that the Tab key comes to. */
export function renderRows(rows: readonly Row[], stop: number): TemplateResult {
  const hasMore = rows.some(({ more }) => more !== undefined)
  return html`<ol class="rows ${hasMore ? 'more' : ''}">${rows.map(
    ({ at, name, length, value, more }) => html`<li><button data-at=${at}
      tabindex=${at === stop ? 0 : -1}><bdi class="name">${plain(name)}</bdi>
      ${renderBar(length)}<span class="value num">${value ?? none()}</span>${
        more === undefined ? nothing : html`<span class="value share num">${more}</span>`
      }</button></li>`,
  )}</ol>`
}

function none(): TemplateResult {
  return html`<span aria-hidden="true">–</span><span class="sr">${t('charts.noValue')}</span>`
}

/** What is not nothing can be seen. */
function renderBar(length: number | null): TemplateResult {
  const share = length === null ? 0 : Math.max(length, length > 0 ? 0.005 : 0)
  return html`<svg class="bar" aria-hidden="true">${
    length === null
      ? nothing
      : svg`<rect class="fill" width=${`${(share * 100).toFixed(2)}%`} height="100%" rx="3"></rect>`
  }</svg>`
}

/** The row that an arrow key leads to. */
export function rowAfter(
  rows: readonly Row[],
  event: KeyboardEvent,
  host: HTMLElement,
): Row | null {
  const way = wayOf(event, host)
  const from = rows.findIndex(({ at }) => at === rowOf(event))
  if (way === null || from < 0) return null
  if (way === 'first') return rows[0] ?? null
  if (way === 'last') return rows.at(-1) ?? null
  const step = way === 'next' || way === 'down' ? 1 : -1
  return rows[from + step] ?? rows[from] ?? null
}

/** The row in which something happened. */
export function rowOf(event: Event): number | null {
  const row = (event.target as Element).closest<HTMLElement>('[data-at]')
  return row === null ? null : Number(row.dataset.at)
}

export const rowStyles = css`
  .rows { display: grid; grid-template-columns: fit-content(38%) minmax(0, 1fr) max-content; }
  .rows.more { grid-template-columns: fit-content(38%) minmax(0, 1fr) max-content max-content; }
  .rows li, .rows button { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; }
  .rows button {
    align-items: center; justify-content: stretch; gap: 0 var(--_3); min-block-size: 28px; padding: 2px 0;
    border-color: transparent; background: transparent; font-weight: 400; text-align: start;
  }
  .rows button:hover { background: none; }
  .rows button:hover .name { text-decoration: underline; }
  .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: left; }
  /* A name is cut at its own end, and stands at the start of the page's line. */
  .rows:dir(rtl) .name { text-align: right; }
  .value { text-align: end; font-weight: 500; white-space: nowrap; }
  .share { color: var(--_muted); font-weight: 400; min-inline-size: 4em; }
  .bar { inline-size: 100%; block-size: var(--_title); border-radius: 3px; background: var(--_surface); }
  .rows button:hover .bar { background: var(--_border); }
  .bar:dir(rtl) { scale: -1 1; }
  .fill { fill: var(--_accent); }
  @container chart (max-width: 30em) {
    .rows, .rows.more { grid-template-columns: minmax(0, 1fr) max-content; }
    .rows.more { grid-template-columns: minmax(0, 1fr) max-content max-content; }
    .rows button { padding-block: var(--_1); }
    .name { white-space: normal; overflow-wrap: anywhere; }
    .bar { grid-row: 2; grid-column: 1 / -1; block-size: 8px; }
  }
  @media (forced-colors: active) {
    .rows button { border: 0; }
    .bar { background: Canvas; border: 1px solid GrayText; }
    .fill { fill: CanvasText; }
  }
`
