/** Where the parts of the widget stand on the page. */
import { css } from 'lit'
import { shared } from '../styles.ts'

export const widgetStyles = [
  ...shared,
  css`
    :host { all: initial; display: contents; }
    .frame {
      /* What a page says of all elements counts for the host, and must not be inherited from there. */
      all: initial; color: var(--_text); font: 400 var(--_size) / 1.45 var(--_font);
      color-scheme: light dark;
      position: fixed; inset: 12px; z-index: var(--ringside-z-index, 2147483000);
      display: flex; justify-content: flex-end; align-items: flex-start; gap: var(--_3);
      pointer-events: none;
    }
    .frame.light { color-scheme: light; }
    .frame.dark { color-scheme: dark; }
    .frame.top-left, .frame.bottom-left { flex-direction: row-reverse; }
    .frame.bottom-left, .frame.bottom-right { align-items: flex-end; }
    .frame > :not(.sr) { pointer-events: auto; }
    .frame .side, .frame .popups {
      display: flex; flex-direction: column; gap: var(--_2); inline-size: min(100%, var(--_width));
      max-block-size: 100%; pointer-events: none;
    }
    .side > *, .popups > * { pointer-events: auto; flex: none; }
    .side { block-size: min(100%, calc(var(--_size) * 51.4)); }
    .side ringside-panel { flex: 1 1 auto; }
    .popups {
      /* Scrolls where there are many; the room around it is for the shadows. */
      box-sizing: content-box; overflow: hidden auto; scrollbar-width: thin;
      margin: -12px -24px -36px; padding: 12px 24px 36px; max-block-size: calc(100% - 24px);
    }
    .popups:empty { display: none; }
    /* From four calls on, those that have rung for a shorter time say only who, where and how long. */
    .popups:has(> :nth-child(4)) > :nth-child(n + 2) { --_fold: none; }
    .launcher {
      position: absolute; inset-block-end: 6px; inset-inline-end: 6px;
      inline-size: 44px; block-size: 44px; padding: 0; border-radius: 999px;
      box-shadow: var(--_shadow); color: var(--_accent);
    }
    .launcher:has([role]) { inline-size: auto; padding-inline: var(--_4); }
    .frame.top-left .launcher, .frame.bottom-left .launcher { inset-inline: 6px auto; }
    .launcher svg { inline-size: 20px; block-size: 20px; }
    .launcher .count {
      position: absolute; inset-block-start: -5px; inset-inline-end: -5px; min-inline-size: 20px;
      padding: 0 5px; border-radius: 999px; background: var(--_red); color: var(--_background);
      font-size: var(--_small); font-weight: 600; line-height: 20px;
    }
    .launcher .trouble {
      position: absolute; inset-block-end: 1px; inset-inline-end: 1px; inline-size: 11px; block-size: 11px;
      border: 2px solid var(--_background); border-radius: 50%; background: var(--_amber);
    }
    .launcher .absent {
      position: absolute; inset-block-start: 0; inset-inline-start: 0; inline-size: 12px; block-size: 12px;
      border: 3px solid var(--_amber); border-radius: 50%; background: var(--_background);
    }
    @media (max-width: 820px) {
      .frame, .frame.top-left, .frame.bottom-left, .frame.bottom-right {
        flex-direction: column; justify-content: flex-start; align-items: flex-end;
      }
      .frame.top-left, .frame.bottom-left { align-items: flex-start; }
      .frame.bottom-left, .frame.bottom-right { justify-content: flex-end; }
      .side { flex: 0 1 calc(var(--_size) * 51.4); min-block-size: 0; }
      .popups { flex: 0 0 auto; max-block-size: 55%; }
    }
    @media (max-width: 420px) {
      .frame { inset: 6px; }
    }
  `,
]
