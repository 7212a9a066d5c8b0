/** Lines, columns and axes. */
import { css } from 'lit'

export const trendStyles = css`
  /* As high as plot.ts draws it. */
  .plot { inline-size: 100%; block-size: calc(var(--_small) * 16); overflow: visible; cursor: pointer; }
  text { fill: var(--_muted); font-size: var(--_small); }
  .tick { stroke: var(--_border); }
  .base { stroke: var(--_field); }
  .pointed { stroke: var(--_muted); }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
  .before { fill: none; stroke-width: 1.5; stroke-dasharray: 4 4; opacity: 0.75; }
  .c1 { --_own: var(--_series-1); }
  .c2 { --_own: var(--_series-2); }
  .c3 { --_own: var(--_series-3); }
  .c4 { --_own: var(--_series-4); }
  .line, .before { stroke: var(--_own); }
  .mark { fill: var(--_own); stroke: var(--_background); stroke-width: 1.5; paint-order: stroke; }
  .quiet { visibility: hidden; }
  .reach { fill: none; pointer-events: all; }
  [role='button']:focus { outline: none; }
  [role='button']:focus-visible .reach { stroke: var(--_focus); stroke-width: 2; }
  [role='button']:focus-visible .quiet { visibility: visible; }
  .sample { inline-size: 28px; block-size: 14px; }
  @media (forced-colors: active) {
    .c1, .c2, .c3, .c4 { --_own: CanvasText; }
    text { fill: CanvasText; }
    .tick, .base { stroke: GrayText; }
    .mark { stroke: Canvas; }
    .pointed { stroke: Highlight; }
  }
`
