/** The blocks that pages of the settings are made of. */
import { html, nothing, type TemplateResult } from 'lit'

export interface SectionOptions {
  readonly title: string
  readonly text?: unknown
  /** Buttons beside the title. */
  readonly actions?: unknown
}

/** A part of a page with its title. */
export function section(
  { title, text, actions }: SectionOptions,
  content: unknown,
): TemplateResult {
  return html`<section class="part">
    <div class="head"><h3>${title}</h3>${actions ? html`<div class="row">${actions}</div>` : nothing}</div>
    ${text ? html`<p class="about">${text}</p>` : nothing}
    ${content}
  </section>`
}

export interface Column<T> {
  readonly label: string
  readonly cell: (row: T) => unknown
  /** A class of its cells, such as `num`. */
  readonly className?: string
  /** The column of buttons has no visible title. */
  readonly isActions?: boolean
}

/** A table; where there is no room for one each row is a card. The first column names the row. */
export function table<T>(
  label: string,
  columns: readonly Column<T>[],
  rows: readonly T[],
): TemplateResult {
  const cell = (row: T, { label: head, cell, className, isActions }: Column<T>, index: number) => {
    const kind = `${className ?? ''} ${isActions ? 'acts' : ''}`
    if (index === 0) return html`<th scope="row" role="rowheader" class=${kind}>${cell(row)}</th>`
    return html`<td role="cell" class=${kind} data-label=${isActions ? '' : head}><div>${cell(row)}</div></td>`
  }
  // The roles are said because the narrow layout takes the table's display away.
  return html`<table role="table" aria-label=${label}>
    <thead role="rowgroup"><tr role="row">${columns.map(
      ({ label: head, isActions, className }) =>
        html`<th scope="col" role="columnheader" class=${className ?? nothing}><span class=${isActions ? 'sr' : nothing}>${head}</span></th>`,
    )}</tr></thead>
    <tbody role="rowgroup">${rows.map(
      (row) =>
        html`<tr role="row">${columns.map((column, index) => cell(row, column, index))}</tr>`,
    )}</tbody></table>`
}

/** Nothing is there yet: why, and what to do. */
export function empty(text: unknown, action: unknown = nothing): TemplateResult {
  return html`<div class="empty"><p class="muted">${text}</p>${action}</div>`
}
