/** The look of the settings' pages: forms, tables that become cards where they are narrow, parts with titles. */
import { css } from 'lit'
import { controls } from '../elements/form-styles.ts'
import { shared } from '../styles.ts'

const pages = css`
  :host { display: block; container: page / inline-size; }
  h3, h4, fieldset, legend { margin: 0; padding: 0; border: 0; font: inherit; }
  h3 { font-size: var(--_title); font-weight: 600; line-height: 1.3; }
  h4 { font-weight: 600; }
  .part { display: flex; flex-direction: column; gap: var(--_3); }
  .part + .part, .part + form, form + .part {
    margin-block-start: calc(var(--_1) * 6); padding-block-start: calc(var(--_1) * 6); border-block-start: 1px solid var(--_border);
  }
  .head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: var(--_2) var(--_4); }
  .about, .hint { color: var(--_muted); max-inline-size: 65ch; }
  form { display: flex; flex-direction: column; gap: var(--_4); }
  form form, .part form { gap: var(--_4); }
  .columns { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(16em, 100%), 1fr)); gap: var(--_4); align-items: start; }
  .field { max-inline-size: 34em; min-inline-size: 0; }
  .field > label { font-size: 1em; color: var(--_text); }
  .field .optional { font-weight: 400; color: var(--_muted); }
  .hint, .bad { margin-block-start: var(--_1); font-size: var(--_small); overflow-wrap: anywhere; }
  .bad { color: var(--_red); }
  [aria-invalid='true'] { border-color: var(--_red); outline-color: var(--_red); }
  .check { display: flex; align-items: baseline; gap: var(--_2); margin: 0; font-size: 1em; font-weight: 400; color: var(--_text); cursor: pointer; min-block-size: 24px; }
  input[type='checkbox'], input[type='radio'] { flex: none; inline-size: var(--_title); min-block-size: 0; block-size: var(--_title); padding: 0; accent-color: var(--_accent); }
  .check input { position: relative; inset-block-start: 3px; }
  .indent { margin-inline-start: calc(var(--_title) + var(--_2)); }
  .code, code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.93em; }
  pre {
    max-block-size: 32em; margin: 0; padding: var(--_3); overflow: auto; direction: ltr; text-align: left; border: 1px solid var(--_border);
    border-radius: var(--_radius-small); background: var(--_surface); tab-size: 4;
  }
  .bar { display: flex; flex-wrap: wrap; align-items: center; gap: var(--_2) var(--_3); min-block-size: var(--_control); }
  .bar .note { padding-block: var(--_1); }
  .empty { display: flex; flex-direction: column; align-items: start; gap: var(--_3); padding-block: var(--_2); }
  .danger { border-color: var(--_red); color: var(--_red); }
  .note.ok { background: var(--_green-soft); color: var(--_green); }
  .copy-line { display: flex; gap: var(--_2); align-items: center; }
  .copy-line input { flex: 1 1 auto; min-inline-size: 0; }
  progress { inline-size: 100%; block-size: var(--_2); accent-color: var(--_accent); }

  table { inline-size: 100%; border-collapse: collapse; }
  thead th { padding: var(--_1) var(--_2); font-size: var(--_small); font-weight: 500; color: var(--_muted); text-align: start; white-space: nowrap; }
  tbody th, td { padding: var(--_2); font-weight: 400; text-align: start; vertical-align: top; overflow-wrap: anywhere; }
  tbody th { font-weight: 500; }
  tbody tr, thead tr { border-block-end: 1px solid var(--_border); }
  /* Beside a long first column a name still stands in one piece. */
  td { min-inline-size: 6em; }
  td.num { min-inline-size: 0; white-space: nowrap; }
  .acts button { white-space: nowrap; }
  .acts > div { display: flex; flex-wrap: wrap; justify-content: end; gap: var(--_1); }
  @container page (max-width: 40em) {
    thead { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
    table, tbody { display: block; }
    tbody tr { display: block; padding-block: var(--_2); }
    tbody th, td { display: block; padding: 2px 0; }
    td:not(.acts) { display: grid; grid-template-columns: minmax(6em, 30%) minmax(0, 1fr); gap: var(--_2); }
    td:not(.acts)::before { content: attr(data-label); font-size: var(--_small); color: var(--_muted); }
    .acts > div { justify-content: start; }
    .acts .quiet { padding-inline: 0 var(--_2); }
  }
  @media (forced-colors: active) {
    [aria-invalid='true'] { border-width: 2px; }
  }
`

/** The styles of a page of the settings: its own come after them. */
export const settingsStyles = [...shared, controls, pages]
