/** A table where there is room for one, rows of two lines where there is not. */
import { css } from 'lit'

export const caseListStyles = css`
  :host { display: block; container: cases / inline-size; }
  .filters { display: flex; flex-wrap: wrap; gap: 6px; }
  .find { display: flex; flex: 1 1 240px; gap: 6px; min-inline-size: 0; }
  .find input { flex: 1 1 auto; min-inline-size: 0; }
  .find button { flex: none; padding-inline: 9px; font-weight: 400; }
  .choices { display: grid; flex: 1 1 300px; grid-template-columns: repeat(auto-fit, minmax(82px, 1fr)); gap: 6px; }
  .choices select { padding-inline: 6px; text-overflow: ellipsis; }
  .phone { display: flex; align-items: center; gap: 5px; margin: 0; color: inherit; font-size: 1em; cursor: pointer; }
  .phone input { inline-size: 14px; min-block-size: 14px; accent-color: var(--_accent); }
  .about { gap: 14px; }
  .days { display: flex; flex: 1 1 260px; gap: 6px; }
  .days input { min-inline-size: 0; }
  [aria-pressed='true'], select.on { border-color: var(--_accent); background: var(--_accent-soft); color: var(--_accent); }
  .missed[aria-pressed='true'] { border-color: var(--_red); background: var(--_red-soft); color: var(--_red); }
  .about { min-block-size: 26px; margin-block: 6px 2px; }
  .fresh {
    position: sticky; z-index: 1; inset-block-start: 0; inline-size: 100%; min-block-size: 28px; margin-block-end: 4px;
    border-color: var(--_accent); background: var(--_accent-soft); color: var(--_accent); font-size: 0.857em;
  }
  .fresh:hover { background: var(--_accent-soft); text-decoration: underline; }
  .note + table, .note { margin-block-end: 6px; }
  .empty { display: flex; flex-direction: column; align-items: start; gap: 8px; padding-block: 12px; }
  .end { display: flex; justify-content: center; padding-block: 8px 0; }

  table { inline-size: 100%; border-collapse: collapse; table-layout: fixed; }
  table[aria-busy='true'] tbody { opacity: 0.55; }
  th { padding: 4px 8px; font-size: 0.857em; font-weight: 500; color: var(--_muted); text-align: start; }
  td { padding: 6px 8px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  /* A block of its own direction is cut at its own end. */
  td bdi { display: block; overflow: hidden; text-overflow: ellipsis; }
  tr { border-block-end: 1px solid var(--_border); }
  tbody tr { cursor: pointer; }
  tbody tr:hover, tbody tr:focus-within { background: var(--_surface); }
  th.c-hand { inline-size: 2.8em; }
  th.c-num { inline-size: 5.7em; }
  th.c-user { inline-size: 15%; }
  th.c-phone { inline-size: 12.2em; }
  th.c-status { inline-size: 7em; }
  th.c-assignee { inline-size: 13%; }
  th.c-updated { inline-size: 10.2em; }
  .subject {
    display: block; inline-size: 100%; min-block-size: 24px; padding: 0; border: 0; background: none;
    overflow: hidden; text-align: start; text-overflow: ellipsis; white-space: nowrap; font-weight: 500;
  }
  @container cases (min-width: 46em) {
    .subject bdi { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; white-space: normal; }
  }
  .subject:hover { background: none; }
  tr:hover .subject { text-decoration: underline; }
  tr.gone td, tr.gone .subject { color: var(--_muted); }
  tr.gone .subject { text-decoration: line-through; }
  .anon { color: var(--_muted); }

  @container cases (max-width: 45.99em) {
    thead {
      position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
    }
    table, tbody { display: block; }
    tbody { margin-inline: -8px; }
    tbody tr {
      display: grid; grid-template: auto auto / var(--_title) auto minmax(0, 1fr) fit-content(34%) auto; column-gap: 8px;
      align-items: center; padding: 7px 8px;
    }
    td { padding: 0; }
    td.c-hand { grid-area: 1 / 1; }
    td.c-subject { grid-area: 1 / 2 / auto / span 3; }
    td.c-status { grid-area: 1 / 5; text-align: end; }
    td.c-num { grid-area: 2 / 2; }
    td.c-user { grid-area: 2 / 3; }
    td.c-assignee { grid-area: 2 / 4; }
    td.c-updated { grid-area: 2 / 5; text-align: end; }
    td.c-phone { grid-area: 3 / 3 / auto / span 3; }
    td.c-phone:empty { display: none; }
    td:is(.c-num, .c-user, .c-assignee, .c-updated, .c-phone) { font-size: 0.857em; color: var(--_muted); }
  }
  @container cases (max-width: 21.4em) {
    .choices select { padding-inline: 3px; font-size: 0.857em; }
    tbody tr { grid-template-columns: var(--_title) auto minmax(0, 1fr) auto; }
    td.c-subject { grid-area: 1 / 2 / auto / span 2; }
    td.c-status, td.c-updated { grid-column: 4; }
    td.c-assignee { grid-area: 3 / 3; }
    td.c-phone { grid-area: 4 / 3 / auto / span 2; }
  }
  @media (forced-colors: active) {
    [aria-pressed='true'] { border: 2px solid Highlight; }
    tr.gone td { color: GrayText; }
  }
`
