/** The look of the reports: a bar of filters, cards of key figures, tables that scroll under their head. */
import { css } from 'lit'
import { controls } from '../elements/form-styles.ts'
import { shared } from '../styles.ts'

const tables = css`
  .scroll {
    position: relative; max-block-size: min(70vh, 46em); overflow: auto; border: 1px solid var(--_border); border-radius: var(--_radius-small);
    /* The cells that stay lie above those that go by. */
    isolation: isolate;
  }
  table { inline-size: 100%; border-collapse: separate; border-spacing: 0; }
  th, td { padding: 0 var(--_2); block-size: var(--_control); text-align: end; font-weight: 400; white-space: nowrap; }
  th:first-child { text-align: start; }
  thead th {
    position: sticky; z-index: 1; inset-block-start: 0; padding: var(--_1) var(--_2); vertical-align: bottom; font-size: var(--_small);
    font-weight: 500; color: var(--_muted); background: var(--_surface); border-block-end: 1px solid var(--_border); white-space: normal;
  }
  tbody th { font-weight: 500; }
  tbody th, tbody td { border-block-end: 1px solid var(--_border); }
  tbody tr:last-child > * { border-block-end: 0; }
  .figure {
    min-block-size: 24px; padding: 0 var(--_1); margin-inline-end: calc(var(--_1) * -1); border: 0; background: none; font-weight: 400;
    font-variant-numeric: tabular-nums; color: var(--_accent);
  }
  .figure:hover { background: none; text-decoration: underline; }
  @media (forced-colors: active) { .figure { border: 0; text-decoration: underline; } }
`

/** What the tables and lists of the reports share. */
export const tableStyles = [...shared, controls, tables]

export const reportsStyles = css`
  :host { display: block; container: reports / inline-size; }
  nav ul { display: flex; flex-wrap: wrap; gap: var(--_1); }
  nav .quiet { font-weight: 500; color: var(--_muted); }
  nav [aria-current] { background: var(--_accent-soft); color: var(--_accent); }
  nav select { display: none; font-weight: 600; }
  .frame { display: flex; flex-direction: column; gap: var(--_4); max-inline-size: 120em; }
  .filters {
    display: grid; grid-template-columns: repeat(auto-fill, minmax(min(10em, 100%), 1fr)); gap: var(--_2) var(--_3); align-items: start;
    padding: var(--_3); border-radius: var(--_radius-small); background: var(--_surface);
  }
  .field { min-inline-size: 0; }
  .filters select, .filters input { text-overflow: ellipsis; }
  select.on { border-color: var(--_accent); background: var(--_accent-soft); color: var(--_accent); }
  .range { display: grid; grid-template-columns: 1fr 1fr; gap: var(--_2); grid-column: span 2; }
  .range p { grid-column: 1 / -1; }
  [aria-invalid='true'] { border-color: var(--_red); outline-color: var(--_red); }
  .reset { align-self: end; justify-self: start; }

  .head { display: flex; flex-wrap: wrap; align-items: end; justify-content: space-between; gap: var(--_2) var(--_4); }
  .head h2 { font-size: var(--_name); }
  .head h2:focus { outline: none; }
  .acts { display: flex; flex-wrap: wrap; align-items: center; gap: var(--_2); }
  .note button { flex: none; }
  h3 { margin: 0; font-size: var(--_title); font-weight: 600; line-height: 1.3; }
  .body { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--_4); align-items: start; }
  .main { display: flex; flex-direction: column; gap: calc(var(--_1) * 6); min-inline-size: 0; transition: opacity var(--_motion); }
  .main > p:first-child { margin-block-end: calc(var(--_1) * -2); }
  .main[aria-busy='true'] { opacity: 0.55; }
  .part { display: flex; flex-direction: column; gap: var(--_2); min-inline-size: 0; }
  .part .head { align-items: center; }
  .part .head .field { display: flex; align-items: center; gap: var(--_2); }
  .part .head label { margin: 0; white-space: nowrap; }

  .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(9em, 100%), 1fr)); gap: var(--_2); }
  .cards.wide { grid-template-columns: repeat(auto-fill, minmax(min(10.5em, 100%), 1fr)); }
  .cards + .off { margin-block-start: calc(var(--_1) * -4); }
  .card {
    display: flex; flex-direction: column; align-items: start; justify-content: start; gap: 2px; block-size: 100%; inline-size: 100%; padding: var(--_3);
    border: 1px solid var(--_border); border-radius: var(--_radius-small); background: var(--_background); text-align: start; font-weight: 400;
  }
  button.card:hover { background: var(--_surface); border-color: var(--_field); }
  .card .name { color: var(--_muted); font-size: var(--_small); font-weight: 500; }
  .card .value { font-size: calc(var(--_size) * 1.571); font-weight: 600; line-height: 1.25; }
  .card .value.seconds { font-size: var(--_name); line-height: 1.75; }
  .change > [aria-hidden] { display: flex; flex-wrap: wrap; column-gap: var(--_1); }
  .sign { font-weight: 500; }
  .times td { block-size: auto; padding-block: var(--_1); }
  .times td .change > [aria-hidden] { justify-content: end; }

  @container reports (min-width: 70em) {
    .body.open { grid-template-columns: minmax(0, 1fr) 25em; }
    .behind { position: sticky; inset-block-start: var(--_2); }
  }
  @container reports (max-width: 44em) {
    nav ul { display: none; }
    nav select { display: block; }
    .acts { inline-size: 100%; }
  }
  @container reports (max-width: 26em) {
    .cards, .cards.wide { grid-template-columns: repeat(2, minmax(0, 1fr)); }
    .card { padding: var(--_2); }
    .range { grid-column: auto; }
  }
  @media (forced-colors: active) {
    nav .quiet { border-color: transparent; }
    nav [aria-current], select.on { border: 2px solid Highlight; }
    .card { border: 1px solid ButtonText; }
  }
  @media (prefers-reduced-motion: reduce) { .main { transition: none; } }
`
