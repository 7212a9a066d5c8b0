/** The PBX tells of no phones: why, and how it is opened (ADMIN-2). */
import { html, nothing, type TemplateResult } from 'lit'
import { ApiError } from '../../client/api.ts'
import { errorText } from '../../elements/action.ts'
import { plain } from '../../format.ts'
import { t } from '../../i18n/t.ts'
import type { Connection } from './contract.ts'

export function renderNoPhones(
  { ari, ami, status }: Connection,
  why: unknown,
  onAgain: () => void,
): TemplateResult {
  const hasLink = ari !== null || ami !== null || status.ari.state !== 'off'
  if (!hasLink) return html`<p class="note">${t('conn.noAccount')}</p>`
  if (why === undefined) return html`<p class="note">${t('conn.noPhones')}</p>`
  return html`<div class="note warn stack" role="status">
    <p><span class="strong">${t('conn.notReached')}</span> <bdi>${reason(why)}</bdi></p>
    <ul class="open">
      ${ari === null ? nothing : html`<li>${t('conn.openAri')}</li>`}
      ${ami === null ? nothing : html`<li>${t('conn.openAmi')}</li>`}
      <li>${t('conn.openFirewall')}</li></ul>
    <p><button type="button" class="small" @click=${onAgain}>${t('retry')}</button></p></div>`
}

/** The server's own words, which name the cause. */
function reason(error: unknown): string {
  return error instanceof ApiError && error.status === 503 ? plain(error.message) : errorText(error)
}
