import { css } from 'lit'
import { shared } from '../styles.ts'

export const callBarStyles = [
  ...shared,
  css`
    :host { display: block; border: 1px solid var(--_border); border-radius: var(--_radius);
      background: var(--_background); box-shadow: var(--_shadow); overflow: hidden; }
    .bar { display: flow-root; background: var(--_green-soft); color: var(--_text); }
    .bar.held { background: var(--_amber-soft); }
    .bar.started, .bar.ringing { background: var(--_accent-soft); }
    .head { display: flex; align-items: center; gap: var(--_2); min-block-size: 44px; padding-inline: var(--_4) 6px; }
    .sign { color: var(--_green); }
    .held .sign { color: var(--_amber); }
    .started .sign, .ringing .sign { color: var(--_accent); }
    .who { flex: 1 1 40%; padding: 0; border: 0; background: none; justify-content: start; }
    .who:hover { background: none; text-decoration: underline; }
    .icon, .icon:hover, .icon[aria-expanded='true'] { color: inherit; }
    .icon:hover, .icon[aria-expanded='true'] { background: var(--_background); }
    .state { flex: 0 1 auto; min-inline-size: 0; text-align: end; }
    .muted-now { color: var(--_amber); }
    .acts { display: flex; flex-wrap: wrap; gap: 2px; padding: 0 6px 6px; }
    .act {
      position: relative; flex: 1 1 4em; max-inline-size: 7.5em; flex-direction: column; gap: 2px;
      min-inline-size: max-content; padding: 5px 3px 4px; border-color: transparent; background: none;
      font-size: var(--_small); font-weight: 500; line-height: 1.3;
    }
    .act svg { inline-size: var(--_name); block-size: var(--_name); }
    .act .line { max-inline-size: 100%; }
    .act:hover, .act[aria-expanded='true'] { background: var(--_background); }
    .act[aria-expanded='true'] { border-color: var(--_border); }
    .act.unmute, .act.resume { color: var(--_amber); background: var(--_background); }
    .act.hangup { margin-inline-start: auto; background: var(--_red); color: var(--_background); }
    .act.hangup:hover { background: var(--_red); filter: brightness(1.08); }
    .act.hangup[aria-busy='true'] { opacity: 0.75; }
    .act.transfer-complete { color: var(--_green); }
    .act:dir(rtl):is(.transfer, .transfer-cancel, .resume) svg { scale: -1 1; }
    .act[aria-busy='true']::after {
      content: ''; position: absolute; inset-block-end: 1px; inset-inline: 10px; block-size: 2px;
      border-radius: 2px; background: currentColor; animation: wait 1s ease-in-out infinite alternate;
    }
    .strip {
      display: flex; align-items: center; gap: var(--_2); min-block-size: 40px; padding-inline: var(--_4) 6px;
      background: var(--_amber-soft); color: var(--_amber); border-block-start: 1px solid var(--_border);
    }
    .refusal {
      margin: 0 var(--_2) var(--_2); padding: 6px 10px; border-radius: var(--_radius-small);
      background: var(--_red-soft); color: var(--_red); overflow-wrap: anywhere;
    }
    .strip + .refusal { margin-block-start: var(--_2); }
    .drawer { display: block; padding: var(--_3) var(--_4); border-block-start: 1px solid var(--_border); }
    .drawer.menu { padding: 6px; }
    .item {
      inline-size: 100%; justify-content: start; gap: var(--_3); padding-inline: 10px; border: 0; background: none;
      font-weight: 400; text-align: start;
    }
    .item svg { color: var(--_muted); }
    .item .hint { display: block; }
    .menu .error { margin: var(--_1) var(--_2); }
    @media (prefers-reduced-motion: reduce) { .act[aria-busy='true']::after { animation: none; } }
    @keyframes wait { from { opacity: 0.25; } }
    @media (forced-colors: active) {
      .act, .icon { border-color: ButtonText; }
      .refusal, .strip { border: 1px solid; }
    }
  `,
]
