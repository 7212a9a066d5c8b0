/** One case as a line of a list: handset, subject, status, number, when. */
import { css, html, type TemplateResult } from 'lit'
import type { CaseSummaryView } from '../../server/http/schemas.ts'
import { plain } from '../format.ts'
import { fullTime, when } from '../format-time.ts'
import { t } from '../i18n/t.ts'
import { missedIcon, phoneIcon } from './icons.ts'

/** The icon of a case: red from a missed call until somebody has talked with the caller. */
export function handset(found: CaseSummaryView): TemplateResult {
  return html`<span class=${found.handset} role="img" aria-label=${t(`handset.${found.handset}`)}
    title=${t(`handset.${found.handset}`)}>${found.handset === 'red' ? missedIcon() : phoneIcon()}</span>`
}

export function caseLine(found: CaseSummaryView, now: number, onOpen: () => void): TemplateResult {
  return html`<button class="case-line" @click=${onOpen}>
    ${handset(found)}
    <span class="grow">
      <bdi class="line" title=${plain(found.subject)}>${plain(found.subject)}</bdi>
      <span class="line small muted num">#${found.number} ·
        <time datetime=${found.updatedAt} title=${fullTime(found.updatedAt)}>${when(found.updatedAt, now)}</time></span>
    </span>
    <span class="tag ${found.status}">${t(`status.${found.status}`)}</span>
  </button>`
}

export const caseLineStyles = css`
  .case-line {
    display: flex; inline-size: 100%; gap: 10px; padding: 6px 8px; border: 0; background: none;
    font-weight: 400; text-align: start; justify-content: start;
  }
  .case-line:hover { background: var(--_surface); }
`
