/**
 * The visual language. Every colour and size of the widget is a token: pages set `--ringside-*`, we read `--_*`.
 *
 * - Text: four sizes. `--_small` 12 (what is looked up), the base 14 (what is read), `--_title` 16 (what a page or a
 *   part is about), `--_name` 18 (who calls). Weights 400, 500 (can be pressed), 600 (is looked for).
 * - Space: a grid of 4 px; `--ringside-space` makes it denser (3px) or wider (5px).
 * - Controls are 8 spaces high (32 px); nothing that can be pressed is under 24 px (WCAG 2.5.8).
 * - Colours mean something: accent what to do next, green talking, amber waiting, red missed or the end.
 *   Text has 4.5:1, edges of fields and signs 3:1, in light and dark; never by colour alone.
 * - Lines of 1 px part things on one surface; only what floats over the page has a shadow.
 * - Icons: one stroke of 2 in 24, drawn with the colour of the text.
 * - Movement: what comes takes 160 ms, what goes is gone at once (another agent answered: there is nothing to wait
 *   for). None with reduced motion or `--ringside-motion: none`.
 * - Pixels, because the size of the page's root is the page's own (62.5 % in many); browsers zoom them all the same,
 *   and `--ringside-font-size` takes any unit: icons and the width of the widget grow with it.
 *
 * | a page sets | for |
 * | --- | --- |
 * | `--ringside-background`, `-surface` | cards; quiet areas and what the pointer is on |
 * | `--ringside-text`, `-muted` | texts |
 * | `--ringside-border`, `-field-border` | lines; the edge of what can be typed in |
 * | `--ringside-accent`, `-on-accent`, `-accent-soft` | what to do, text on it, what is chosen |
 * | `--ringside-green`, `-green-soft`, `-red`, `-red-soft`, `-amber`, `-amber-soft` | states |
 * | `--ringside-series-2`, `-series-3`, `-series-4` | further lines in the pictures of the reports; the first has the accent |
 * | `--ringside-focus` | the ring of what has the focus; the accent |
 * | `--ringside-font`, `-font-size` | the typeface; the base size, 14px |
 * | `--ringside-space`, `-radius`, `-width`, `-shadow`, `-z-index` | 4px, 10px, 384px, a soft shadow, 2147483000 |
 * | `--ringside-motion` | how long what comes takes (160ms), or `none` |
 */
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
    --_focus: var(--ringside-focus, var(--_accent));
    --_radius: var(--ringside-radius, 10px);
    --_radius-small: calc(var(--_radius) * 0.6);
    --_width: var(--ringside-width, calc(var(--ringside-font-size, 14px) * 27.43));
    --_font: var(--ringside-font, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif);
    --_size: var(--ringside-font-size, 14px);
    --_small: calc(var(--_size) * 0.857);
    --_title: calc(var(--_size) * 1.143);
    --_name: calc(var(--_size) * 1.286);
    --_1: var(--ringside-space, 4px);
    --_2: calc(var(--_1) * 2);
    --_3: calc(var(--_1) * 3);
    --_4: calc(var(--_1) * 4);
    --_control: max(24px, var(--_1) * 8);
    --_motion: var(--ringside-motion, 160ms);
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
  /* Browsers know one or the other word. */
  bdi { text-align: -webkit-match-parent; text-align: match-parent; }
  .line { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .muted { color: var(--_muted); }
  .small { font-size: var(--_small); }
  .strong { font-weight: 600; }
  .num { font-variant-numeric: tabular-nums; }
  .row { display: flex; align-items: center; gap: var(--_2); min-width: 0; }
  .grow { flex: 1 1 auto; min-width: 0; }
  .stack { display: flex; flex-direction: column; gap: var(--_2); }
  .sr {
    position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden;
    clip-path: inset(50%); white-space: nowrap;
  }
  svg { display: block; flex: none; inline-size: var(--_title); block-size: var(--_title); }
  .red { color: var(--_red); }
  .green { color: var(--_green); }
  :focus-visible { outline: 2px solid var(--_focus); outline-offset: 1px; }
  :focus:not(:focus-visible) { outline: none; }
`

/** What pop-ups need; forms have more in `form-styles.ts`. */
export const buttons = css`
  button {
    margin: 0; font: inherit;
    display: inline-flex; align-items: center; justify-content: center; gap: 6px;
    min-block-size: var(--_control); padding: var(--_1) var(--_3); cursor: pointer; text-align: center;
    border: 1px solid var(--_border); border-radius: var(--_radius-small);
    background: var(--_background); color: var(--_text); font-weight: 500;
  }
  button:hover { background: var(--_surface); }
  button[disabled] { cursor: default; opacity: 0.55; }
  button[aria-busy='true'] { cursor: progress; opacity: 1; color: var(--_muted); }
  .icon {
    min-inline-size: var(--_control); padding: 0; border-color: transparent; background: transparent;
    color: var(--_muted);
  }
  .icon:hover { color: var(--_text); }
  .note { padding: var(--_2) var(--_3); border-radius: var(--_radius-small); background: var(--_surface); }
  .note.error { background: var(--_red-soft); color: var(--_red); }
  .tag {
    display: inline-block; padding: 0 var(--_2); border-radius: 999px; font-size: var(--_small); font-weight: 500;
    line-height: 1.6; background: var(--_surface); color: var(--_muted); white-space: nowrap;
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
