/** Fields, links and the rarer buttons: what the panel has and pop-ups have not. */
import { css } from 'lit'
import { buttons } from '../styles.ts'

const forms = css`
  h2 {
    display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden;
    font-size: var(--_title); font-weight: 600; line-height: 1.3;
  }
  a { color: var(--_accent); text-decoration: none; }
  a:hover { text-decoration: underline; }
  input, textarea, select { font: inherit; color: inherit; margin: 0; }
  .button {
    display: inline-flex; align-items: center; justify-content: center; gap: 6px;
    min-block-size: var(--_control); padding: var(--_1) var(--_3); cursor: pointer; text-align: center;
    border: 1px solid var(--_border); border-radius: var(--_radius-small);
    background: var(--_background); color: var(--_text); font-weight: 500;
  }
  .button:hover { background: var(--_surface); text-decoration: none; }
  .primary { background: var(--_accent); border-color: var(--_accent); color: var(--_on-accent); }
  .primary:hover { background: var(--_accent); filter: brightness(1.08); }
  .primary[aria-busy='true'] { color: var(--_on-accent); }
  .quiet { border-color: transparent; background: transparent; }
  .link {
    min-block-size: 24px; padding: 0; border: 0; background: none; color: var(--_accent);
    font-weight: 400; text-align: start; justify-content: start; align-self: start;
  }
  .button { flex: none; max-inline-size: 100%; }
  .button bdi { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .link:hover { background: none; text-decoration: underline; }
  input, textarea, select {
    inline-size: 100%; min-block-size: calc(var(--_control) + 4px); padding: 6px 10px;
    border: 1px solid var(--_field); border-radius: var(--_radius-small);
    background: var(--_background);
  }
  textarea { resize: vertical; line-height: 1.45; }
  input::placeholder, textarea::placeholder { color: var(--_muted); opacity: 1; }
  label { display: block; font-size: var(--_small); font-weight: 500; color: var(--_muted); margin-block-end: var(--_1); }
  /* What follows is about this, in the manner of a label. */
  h2.over { margin-block-end: var(--_2); font-size: var(--_small); color: var(--_muted); }
  .note.warn { background: var(--_amber-soft); color: var(--_amber); }
  .tag.green { background: var(--_green-soft); color: var(--_green); }
  @media (forced-colors: active) { .button { border: 1px solid ButtonText; } }
`

export const controls = [buttons, forms]
