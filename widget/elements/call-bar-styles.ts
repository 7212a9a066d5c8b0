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
    .head { display: flex; align-items: center; gap: 8px; min-block-size: 44px; padding-inline: 14px 6px; }
    .sign { color: var(--_green); }
    .held .sign { color: var(--_amber); }
    .started .sign, .ringing .sign { color: var(--_accent); }
    .who { min-block-size: 32px; padding: 0; border: 0; background: none; justify-content: start; }
    .who:hover { background: none; text-decoration: underline; }
    .icon, .icon:hover { color: inherit; background: none; }
    .state { position: relative; max-inline-size: 50%; text-align: end; }
    .muted-now { color: var(--_amber); }
    .acts {
      display: flex; flex-wrap: wrap; gap: 2px; padding: 0 6px 6px;
    }
    .act {
      position: relative; flex: 1 1 48px; max-inline-size: 88px; flex-direction: column; gap: 3px; min-block-size: 46px; min-inline-size: 0; padding: 5px 1px 4px;
      border-color: transparent; background: none; font-size: 0.786em; font-weight: 500; line-height: 1.2;
    }
    .act svg { inline-size: 18px; block-size: 18px; }
    .act .line { max-inline-size: 100%; }
    .act:hover, .act[aria-expanded='true'] { background: var(--_background); }
    .act[aria-expanded='true'] { border-color: var(--_border); }
    .act.unmute, .act.resume, .act.resume-recording { color: var(--_amber); background: var(--_background); }
    .act.hangup { margin-inline-start: auto; color: var(--_red); }
    .act.transfer-complete { color: var(--_green); }
    .act:dir(rtl):is(.transfer, .transfer-cancel, .resume) svg { scale: -1 1; }
    .act[aria-busy='true']::after {
      content: ''; position: absolute; inset-block-end: 1px; inset-inline: 10px; block-size: 2px;
      border-radius: 2px; background: var(--_accent);
    }
    .refusal {
      margin: 0 8px 8px; padding: 6px 10px; border-radius: var(--_radius-small);
      background: var(--_red-soft); color: var(--_red); overflow-wrap: anywhere;
    }
    .drawer { display: block; padding: 10px 14px 12px; border-block-start: 1px solid var(--_border); }
    .drawer.stack { display: flex; }
    @media (prefers-reduced-motion: no-preference) {
      .act[aria-busy='true']::after { animation: wait 1s ease-in-out infinite alternate; }
    }
    @keyframes wait { from { opacity: 0.25; } }
    @media (forced-colors: active) { .act { border-color: ButtonText; } .refusal { border: 1px solid; } }
  `,
]
