/** What the pictures of the reports share: their tokens, the line above, the empty picture. */
import { css } from 'lit'
import { shared } from '../../styles.ts'

/**
 * Steps of one colour for how much, and colours that mean nothing but "another figure". Each has 3:1 on the
 * background where it draws a line; the text of a step has 4.5:1 on it.
 */
export const chartTokens = css`
  :host {
    --_step-1: color-mix(in srgb, var(--_accent) 12%, var(--_background));
    --_step-2: color-mix(in srgb, var(--_accent) 28%, var(--_background));
    --_step-3: color-mix(in srgb, var(--_accent) 45%, var(--_background));
    --_step-4: color-mix(in srgb, var(--_accent) 70%, var(--_background));
    --_step-5: var(--_accent);
    --_on-step-4: light-dark(var(--_text), var(--_on-accent));
    --_series-1: var(--_accent);
    --_series-2: var(--ringside-series-2, light-dark(#b4540a, #f0a868));
    --_series-3: var(--ringside-series-3, light-dark(#8a3ea8, #d79bee));
    --_series-4: var(--ringside-series-4, light-dark(#0b7285, #5cc8d8));
  }
`

const charts = css`
  :host { display: block; min-inline-size: 0; container: chart / inline-size; }
  .picture { display: flex; flex-direction: column; gap: var(--_2); min-inline-size: 0; }
  /* Both lines stand in one place, so that nothing moves when something is pointed at. */
  .said { display: grid; font-size: var(--_small); color: var(--_muted); min-block-size: 1.45em; }
  .said > * { grid-area: 1 / 1; min-inline-size: 0; overflow-wrap: anywhere; }
  .said .pointed { color: var(--_text); font-weight: 500; }
  .said .away { visibility: hidden; }
  .legend { display: flex; flex-wrap: wrap; gap: var(--_1) var(--_4); font-size: var(--_small); color: var(--_muted); }
  .legend li { display: flex; align-items: center; gap: 6px; min-inline-size: 0; }
  .empty { color: var(--_muted); }
`

/** The styles of a picture: its own come after them. */
export const chartStyles = [...shared, chartTokens, charts]
