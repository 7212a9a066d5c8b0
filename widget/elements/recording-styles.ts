/** How the player looks; its picture has styles of its own. */
import { css } from 'lit'

export const recordingStyles = css`
  :host { display: block; container-type: inline-size; }
  .player {
    display: flex; flex-direction: column; gap: 6px; padding: 10px 10px 6px;
    border: 1px solid var(--_border); border-radius: var(--_radius-small); background: var(--_background);
  }
  .main { gap: 10px; }
  .play {
    flex: none; inline-size: 36px; block-size: 36px; padding: 0; border-radius: 50%;
    border-color: transparent; background: var(--_accent); color: var(--_on-accent);
  }
  .play:hover { background: var(--_accent); filter: brightness(1.08); }
  .play[aria-busy='true'] { color: var(--_on-accent); }
  .play svg { inline-size: 20px; block-size: 20px; }
  .play[aria-busy='true'] svg { animation: wait 1s ease-in-out infinite alternate; }
  @keyframes wait { to { opacity: 0.35; } }
  @media (prefers-reduced-motion: reduce) { .play[aria-busy='true'] svg { animation: none; opacity: 0.5; } }
  .bar { flex-wrap: wrap; gap: 2px; }
  .time { white-space: nowrap; margin-inline-end: auto; padding-inline-end: 6px; }
  .bar .icon { min-inline-size: 30px; min-block-size: 30px; }
  .bar .skip { gap: 2px; padding-inline: 4px; font-size: 0.786em; }
  .bar select {
    inline-size: auto; field-sizing: content; min-block-size: 30px; padding: 2px; border-color: transparent;
    background: transparent; color: var(--_muted); font-size: 0.857em; cursor: pointer;
  }
  .bar select:hover { color: var(--_text); }
  option { background: var(--_background); color: var(--_text); }
  .more { gap: 6px; padding-block-end: 4px; flex-wrap: wrap; }
  input[type='range'] { flex: 1 1 80px; min-inline-size: 60px; min-block-size: 24px; padding: 0; border: 0; accent-color: var(--_accent); background: none; }
  .pauses { display: flex; gap: 6px; align-items: baseline; color: var(--_amber); padding-block-end: 4px; }
  .hatched {
    flex: none; align-self: center; inline-size: 18px; block-size: 10px; border-radius: 2px;
    background: repeating-linear-gradient(135deg, var(--_amber) 0 2px, transparent 2px 5px);
  }
  .note { margin-block-end: 4px; flex-wrap: wrap; }
  .note .grow { flex-basis: 160px; }
  .note button { flex: none; white-space: nowrap; }
  @container (inline-size < 270px) {
    .bar .icon { min-inline-size: 28px; }
    .skip span { display: none; }
  }
  @media (forced-colors: active) {
    .play { border-color: ButtonText; background: ButtonFace; color: ButtonText; }
    .play svg { color: ButtonText; }
  }
`
