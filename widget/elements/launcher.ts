/** The button that opens the panel: how many missed calls wait, what the agent is, whether the server is there. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Client } from '../client/client.ts'
import { countMissed, selectMyself } from '../client/select.ts'
import { t } from '../i18n/t.ts'
import { isPartMissing } from '../parts.ts'
import { phoneIcon } from './icons.ts'

export function renderLauncher(client: Client | null, onClick: () => void): TemplateResult {
  const count = client === null ? 0 : countMissed(client.state)
  const connection = client?.state.connection ?? 'refused'
  const isMissing = connection === 'open' && isPartMissing()
  const isOut = connection === 'refused' && client?.api.signsIn === true
  const trouble = isOut
    ? t('connection.signIn')
    : connection === 'waiting' || connection === 'refused' || connection === 'blocked'
      ? t(`connection.${connection}`)
      : isMissing
        ? t('part.missing')
        : null
  const open = count > 0 ? t('panel.openMissed', { count }) : t('panel.open')
  const mine = client === null ? undefined : selectMyself(client.state)?.state
  const isAbsent = mine === 'away' || mine === 'wrap-up' || mine === 'offline'
  const label = isAbsent ? `${open}. ${t(`state.${mine}`)}` : open
  return html`<button class="launcher" part="launcher" title=${trouble ?? label} @click=${onClick}>
    <span class="sr">${isOut ? trouble : trouble === null || isMissing ? label : `${label}. ${trouble}`}</span>
    ${isMissing ? html`<span role="status">${trouble}</span>` : nothing}
    ${phoneIcon()}
    ${count > 0 ? html`<span class="count num" aria-hidden="true">${count > 99 ? '99+' : count}</span>` : nothing}
    ${isAbsent ? html`<span class="absent"></span>` : nothing}
    ${trouble === null ? nothing : html`<span class="trouble"></span>`}
  </button>`
}
