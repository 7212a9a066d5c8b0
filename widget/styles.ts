/** Every colour and size of the widget. Pages set `--ringside-*`; we read `--_*`. */
import { css } from 'lit'

/** The table of tokens: what a page can set, and what it is when it does not. */
export const tokens = css`
  :host {
    --_background: var(--ringside-background, light-dark(#ffffff, #1d2126));
    --_surface: var(--ringside-surface, light-dark(#f5f6f8, #262b32));
    --_text: var(--ringside-text, light-dark(#1c2128, #e9ebee));
    --_muted: var(--ringside-muted, light-dark(#59626e, #a7afba));
    --_border: var(--ringside-border, light-dark(#dfe3e8, #3a414a));
    --_field: var(--ringside-field-border, light-dark(#858e99, #7b8490));
    --_accent: var(--ringside-accent, light-dark(#1c5fc9, #8ab8ff));
    --_on-accent: var(--ringside-on-accent, light-dark(#ffffff, #0f1b2d));
    --_accent-soft: var(--ringside-accent-soft, light-dark(#eaf1fc, #24344c));
    --_green: var(--ringside-green, light-dark(#17764a, #63cc9b));
    --_green-soft: var(--ringside-green-soft, light-dark(#e5f4ec, #1d3a2e));
    --_red: var(--ringside-red, light-dark(#bb3227, #ff9389));
    --_red-soft: var(--ringside-red-soft, light-dark(#fcebe9, #47261f));
    --_amber: var(--ringside-amber, light-dark(#855300, #e8b660));
    --_amber-soft: var(--ringside-amber-soft, light-dark(#fbf0da, #40331a));
    --_radius: var(--ringside-radius, 10px);
    --_radius-small: calc(var(--_radius) * 0.6);
    --_width: var(--ringside-width, 384px);
    --_font: var(--ringside-font, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif);
    --_size: var(--ringside-font-size, 14px);
    --_shadow: var(
      --ringside-shadow,
      0 1px 2px light-dark(rgb(20 28 40 / 0.08), rgb(0 0 0 / 0.4)),
      0 8px 28px light-dark(rgb(20 28 40 / 0.16), rgb(0 0 0 / 0.5))
    );
  }
`

/** Layout words and controls that every element shares. */
export const base = css`
  :host {
    box-sizing: border-box;
    color: var(--_text);
    font: 400 var(--_size) / 1.45 var(--_font);
  }
  :host([hidden]), [hidden] { display: none !important; }
  *, ::before, ::after { box-sizing: border-box; }
  h1, h2, p, ul, ol, dl, dd { margin: 0; padding: 0; }
  ul, ol { list-style: none; }
  bdi, .wrap { overflow-wrap: anywhere; }
  bdi { text-align: match-parent; }
  .line { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .muted { color: var(--_muted); }
  .small { font-size: 0.857em; }
  .strong { font-weight: 600; }
  .num { font-variant-numeric: tabular-nums; }
  .row { display: flex; align-items: center; gap: 8px; min-width: 0; }
  .grow { flex: 1 1 auto; min-width: 0; }
  .stack { display: flex; flex-direction: column; gap: 8px; }
  .sr {
    position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden;
    clip-path: inset(50%); white-space: nowrap;
  }
  svg { display: block; flex: none; inline-size: 16px; block-size: 16px; }
  .red { color: var(--_red); }
  .green { color: var(--_green); }
  :focus-visible { outline: 2px solid var(--_accent); outline-offset: 1px; }
  :focus:not(:focus-visible) { outline: none; }
`

/** What pop-ups need; forms have more in `form-styles.ts`. */
export const buttons = css`
  button {
    margin: 0; font: inherit;
    display: inline-flex; align-items: center; justify-content: center; gap: 6px;
    min-block-size: 32px; padding: 4px 12px; cursor: pointer; text-align: center;
    border: 1px solid var(--_border); border-radius: var(--_radius-small);
    background: var(--_background); color: var(--_text); font-weight: 500;
  }
  button:hover { background: var(--_surface); }
  button[disabled] { cursor: default; opacity: 0.55; }
  button[aria-busy='true'] { cursor: progress; opacity: 1; color: var(--_muted); }
  .icon {
    min-inline-size: 32px; padding: 0; border-color: transparent; background: transparent;
    color: var(--_muted);
  }
  .icon:hover { color: var(--_text); }
  .note { padding: 8px 10px; border-radius: var(--_radius-small); background: var(--_surface); }
  .note.error { background: var(--_red-soft); color: var(--_red); }
  .tag {
    display: inline-block; padding: 1px 7px; border-radius: 999px; font-size: 0.786em; font-weight: 600;
    background: var(--_surface); color: var(--_muted); white-space: nowrap;
  }
  .tag.open { background: var(--_accent-soft); color: var(--_accent); }
  .tag.pending { background: var(--_amber-soft); color: var(--_amber); }
  .tag.red { background: var(--_red-soft); color: var(--_red); }
  @media (forced-colors: active) {
    button, .tag, .note { border: 1px solid ButtonText; }
    button[disabled] { color: GrayText; opacity: 1; }
    svg { color: CanvasText; forced-color-adjust: auto; }
  }
`

/** The styles of an element: tokens, shared words, its own. */
export const shared = [tokens, base, buttons]
