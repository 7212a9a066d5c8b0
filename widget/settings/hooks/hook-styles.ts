/** What the parts of the page of webhooks have in common. */
import { css } from 'lit'
import { settingsStyles } from '../settings-styles.ts'

export const hookStyles = [
  ...settingsStyles,
  css`
    legend { margin-block-end: var(--_1); font-weight: 500; }
    .why { display: block; margin-block-start: 2px; overflow-wrap: anywhere; }
    .events { gap: 0 var(--_4); }
    .start { align-self: start; }
    tbody th { min-inline-size: 7em; }
    .acts button { white-space: nowrap; }
    .filter { max-inline-size: 20em; }
    .note input { color: var(--_text); }
    .wrapping { flex-wrap: wrap; }
    .url { direction: ltr; unicode-bidi: isolate; overflow-wrap: anywhere; }
  `,
]
