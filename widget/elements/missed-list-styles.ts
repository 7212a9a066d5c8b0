/** The missed-call desk: who waits, and one button that matters. */
import { css } from 'lit'

export const missedListStyles = css`
  :host { display: block; }
  ul { margin-inline: -8px; }
  li { padding: 6px 8px 10px; }
  li + li { border-block-start: 1px solid var(--_border); }
  .who { inline-size: 100%; gap: 10px; padding: 4px 0; border: 0; background: none; text-align: start; font-weight: 400; }
  .who:hover { background: none; }
  .who:hover .strong { text-decoration: underline; }
  .who > :first-child { align-self: start; margin-block-start: 3px; }
  .actions { margin-inline-start: 26px; flex-wrap: wrap; row-gap: 4px; }
  .who time { flex: none; }
  .mine { inline-size: 100%; }
  .actions .link { align-self: center; }
  .actions .quiet { color: var(--_muted); font-weight: 400; }
  .actions .quiet:first-child { margin-inline-start: -12px; }
  .call { padding-inline: 10px; font-weight: 500; }
  .call svg { color: var(--_green); }
  .note { margin-block-start: 6px; }
  .taken .strong { font-weight: 400; }
  .gone .red { color: var(--_muted); }
  .gone .strong { color: var(--_muted); font-weight: 400; text-decoration: line-through; }
`
