/** The PBX tells of no phones: why, and how it is opened (ADMIN-2). */
import { html, nothing, type TemplateResult } from 'lit'
import { whyText } from '../../elements/refusal.ts'
import { plain } from '../../format.ts'
import { t } from '../../i18n/t.ts'
import type { Connection } from './contract.ts'

export function renderNoPhones(
  { ari, ami, status }: Connection,
  why: unknown,
  onAgain: () => void,
): TemplateResult {
  const links = [status.ari, status.ami].filter(({ state }) => state !== 'off')
  if (links.length === 0) return html`<p class="note">${t('conn.noAccount')}</p>`
  const isUp = links.some(({ state }) => state === 'up')
  if (isUp && why === null) return html`<p class="note">${t('conn.noPhones')}</p>`
  const cause = isUp ? whyText(why) : (links.find(({ error }) => error !== null)?.error ?? '')
  return html`<div class="note warn stack" role="status">
    <p><span class="strong">${t('conn.notReached')}</span> <bdi>${plain(cause)}</bdi></p>
    <ul class="open">
      ${ari === null ? nothing : html`<li>${t('conn.openAri')}</li>`}
      ${ami === null ? nothing : html`<li>${t('conn.openAmi')}</li>`}
      <li>${t('conn.openFirewall')}</li></ul>
    <p><button type="button" class="small" @click=${onAgain}>${t('retry')}</button></p></div>`
}
