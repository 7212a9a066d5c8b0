/** Says who was first, and how it is now (CASE-15). */
import { html, nothing, type TemplateResult } from 'lit'
import type { Overtaken } from '../client/case-edit.ts'
import type { Client } from '../client/client.ts'
import { plain } from '../format.ts'
import { t } from '../i18n/t.ts'
import { agentName } from './case-message.ts'

/** `Boris Klein has meanwhile set the status to “Closed”. Yours was not saved.` */
export function overtakenText(client: Client, { what, current, by }: Overtaken): string {
  const name = by === null ? t('overtaken.somebody') : agentName(client, by.agentId)
  switch (what) {
    case 'status':
      return t('overtaken.status', { name, value: statusText(current) })
    case 'assigneeId':
      return current === null
        ? t('overtaken.nobody', { name })
        : t('overtaken.assignee', { name, value: agentName(client, current) })
    case 'subject':
      return t('overtaken.subject', { name, value: plain(current ?? '') })
    case 'essence':
      return t('overtaken.essence', { name })
    case 'unknown':
      return t('case.conflict')
  }
}

export function renderOvertaken(
  client: Client,
  overtaken: Overtaken | null,
): TemplateResult | typeof nothing {
  if (overtaken === null) return nothing
  return html`<p class="note warn small wrap" role="alert">${overtakenText(client, overtaken)}</p>`
}

function statusText(value: string | null): string {
  return value === 'open' || value === 'pending' || value === 'closed' ? t(`status.${value}`) : ''
}
