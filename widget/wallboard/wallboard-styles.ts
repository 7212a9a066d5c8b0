/** A board that fills its place without scrolling; sizes grow with the place, since a wall is looked at from far. */
import { css } from 'lit'
import { agentStateStyles } from '../elements/agent-state.ts'
import { shared } from '../styles.ts'

export const wallboardStyles = [
  ...shared,
  agentStateStyles,
  css`
    :host { display: block; block-size: 100%; min-block-size: 30em; container: wallboard / size; overflow: hidden; }
    .board, .note {
      /* 24 px on a screen of 1080 lines, 16 on one of 720. */
      --_far: clamp(14px, 2.3cqmin, 64px); --_gap: calc(var(--_far) * 0.6);
      font-size: var(--_far); line-height: 1.3;
    }
    .note { max-inline-size: 30em; margin: 12cqb auto; padding: var(--_gap); font-size: calc(var(--_far) * 1.5); }
    .board {
      display: grid; gap: var(--_gap); block-size: 100%;
      grid-template: auto minmax(0, 1fr) auto auto / minmax(0, 2fr) minmax(0, 3fr);
      grid-template-areas: 'head head' 'waiting agents' 'progress agents' 'today today';
    }
    .tile {
      position: relative; display: flex; flex-direction: column; min-block-size: 0; min-inline-size: 0; overflow: hidden;
      padding: var(--_gap) calc(var(--_gap) * 1.4); border: 2px solid var(--_border); border-radius: calc(var(--_gap) * 0.8);
      background: var(--_surface);
    }
    h2 { margin-block-end: 0.3em; font-size: 1em; font-weight: 600; line-height: 1.3; color: var(--_muted); }
    .big { font-size: 4.6em; font-weight: 600; line-height: 1.1; }
    .waiting .big { font-size: 6em; line-height: 1; }
    .num { white-space: nowrap; font-variant-numeric: tabular-nums; }

    .head { grid-area: head; display: flex; align-items: baseline; justify-content: space-between; gap: var(--_gap); }
    .head p { min-inline-size: 0; }
    .live { display: flex; align-items: center; gap: 0.5em; color: var(--_green); font-weight: 600; }
    .live::before { content: ''; inline-size: 0.6em; block-size: 0.6em; border-radius: 50%; background: currentcolor; }
    .clock { font-size: 1.4em; font-weight: 600; }
    .lost { padding: var(--_gap); border-radius: calc(var(--_gap) * 0.8); background: var(--_amber-soft); }
    .lost strong { display: block; white-space: normal; color: var(--_amber); font-size: 1.4em; }

    .waiting { grid-area: waiting; }
    .late { border-color: var(--_amber); }
    .late .big { color: var(--_amber); }
    .longest { display: flex; flex-wrap: wrap; align-items: center; gap: 0 0.6em; min-block-size: 1.4em; font-size: 1.5em; font-weight: 600; line-height: 1.4; }
    .tag { padding: 0.05em 0.5em; border-radius: 0.4em; background: var(--_amber-soft); color: var(--_amber); font-size: 0.75em; font-weight: 600; }
    .queues, .people { flex: 1; display: grid; align-content: start; min-block-size: 0; margin-block-start: var(--_gap); overflow: hidden; }
    .queues { grid: auto-flow 1.6em / minmax(0, 1fr); }
    .queues li, .people li { display: flex; align-items: center; gap: 0.6em; min-inline-size: 0; }
    .queues li { border-block-start: 1px solid var(--_border); }
    .queues .num, .people .num { flex: none; }
    .wait { min-inline-size: 4.5ch; text-align: end; }

    .progress { grid-area: progress; }
    .parts { display: flex; flex-wrap: wrap; gap: 0 1em; min-block-size: 1.3em; }

    .agents { grid-area: agents; }
    /* As wide as their words, which differ by language; the numbers stand in one line. */
    .counts { display: grid; grid-template-columns: repeat(5, auto); align-items: end; gap: 0 var(--_gap); }
    .counts dt { display: flex; align-items: center; gap: 0.4em; overflow-wrap: break-word; }
    .counts dd { font-size: 2.4em; font-weight: 600; line-height: 1.15; }
    .people {
      grid: auto-flow 1.7em / repeat(auto-fill, minmax(min(100%, 13em), 1fr)); column-gap: calc(var(--_gap) * 1.5);
    }
    .people.size-0 { font-size: 1.6em; }
    .people.size-1 { font-size: 1.4em; }
    .people.size-2, .queues.size-0 { font-size: 1.2em; }
    .people .num, .more, .about, .wait { color: var(--_muted); }
    .dot { inline-size: 0.7em; block-size: 0.7em; border-width: 0.15em; }

    .today { grid-area: today; }
    .figures { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: calc(var(--_gap) * 0.6) var(--_gap); }
    /* As high before the figures have come. */
    .figures > div { min-block-size: 5.2em; }
    .figures dt { overflow-wrap: anywhere; }
    .figures dd { font-size: 2.4em; font-weight: 600; line-height: 1.15; }
    .figures .about { font-size: 0.85em; font-weight: 400; white-space: normal; }
    .trouble { color: var(--_amber); }
    .old .tile { border-style: dashed; }
    .old .big, .old .counts dd, .old .figures dd, .figures .old dd { color: var(--_muted); font-weight: 400; }
    .old .tile { color: var(--_muted); }
    .old .late { border-color: var(--_border); }

    /* Old screens, tablets: six figures in a row would run into each other. */
    @container wallboard (max-aspect-ratio: 3/2) and (min-aspect-ratio: 1) {
      .waiting .big { font-size: 4.6em; line-height: 1.1; }
    }
    @container wallboard (max-aspect-ratio: 3/2) {
      .figures { grid-template-columns: repeat(3, minmax(0, 1fr)); }
    }
    /* Upright screens: one below the other. */
    @container wallboard (max-aspect-ratio: 1) {
      .board {
        grid-template: auto minmax(0, 1fr) auto minmax(0, 1fr) auto / minmax(0, 1fr);
        grid-template-areas: 'head' 'waiting' 'progress' 'agents' 'today';
      }
    }
    /* Phones, and browsers zoomed in: what does not fit is scrolled to. */
    @media (max-width: 700px), (max-height: 480px) {
      :host { block-size: auto; min-block-size: 0; container-type: inline-size; overflow: visible; }
      .board {
        --_far: 16px; block-size: auto; grid-template: none / minmax(0, 1fr);
        grid-template-areas: 'head' 'waiting' 'progress' 'agents' 'today';
      }
      .tile, .people, .queues { overflow: visible; }
      .counts, .figures { grid-template-columns: repeat(auto-fill, minmax(8.5em, 1fr)); }
    }
    @media (forced-colors: active) {
      .late { border-width: 4px; }
      /* Browsers put a plate behind texts, which would cover the heading above large ones. */
      .tile .big { forced-color-adjust: none; color: CanvasText; }
      .live::before { background: CanvasText; }
    }
  `,
]
