/** One case as a row of the list. */
import { html, nothing, type TemplateResult } from 'lit'
import type { CaseList, CaseRow } from '../client/case-list.ts'
import type { Client } from '../client/client.ts'
import { phone, plain, userName } from '../format.ts'
import { fullTime, when } from '../format-time.ts'
import { t } from '../i18n/t.ts'
import { handset } from './case-line.ts'
import { agentName } from './case-message.ts'

interface RowOptions {
  readonly hasPhone: boolean
  /** The row that Tab goes to. */
  readonly isReached: boolean
  readonly onOpen: () => void
}

/** Its cells have roles of their own because the narrow layout takes the table's display away. */
export function renderCaseRow(
  client: Client,
  list: CaseList,
  { case: found, isGone }: CaseRow,
  { hasPhone, isReached, onOpen }: RowOptions,
): TemplateResult {
  const user = list.userOf(found.userId)
  const number = found.phone === null ? null : phone(found.phone)
  const subject = plain(found.subject)
  return html`<tr role="row" class=${isGone ? 'gone' : ''} @click=${onOpen}>
      <td class="c-hand" role="cell">${handset(found)}</td>
      <td class="c-num num" role="cell">#${found.number}</td>
      <td class="c-subject" role="cell"><button class="subject" data-case=${found.id} tabindex=${isReached ? 0 : -1}
        title=${isGone ? t('cases.gone') : subject}><bdi>${subject}</bdi>${isGone ? html`<span class="sr">. ${t('cases.gone')}</span>` : nothing}</button></td>
      <td class="c-user" role="cell">${
        user === undefined
          ? hasPhone && number !== null
            ? nothing
            : html`<bdi class="num anon">${number ?? t('anonymous')}</bdi>`
          : html`<bdi>${userName(user)}</bdi>`
      }</td>
      ${hasPhone ? html`<td class="c-phone num" role="cell">${number === null ? nothing : html`<bdi>${number}</bdi>`}</td>` : nothing}
      <td class="c-status" role="cell"><span class="tag ${found.status}">${t(`status.${found.status}`)}</span></td>
      <td class="c-assignee" role="cell">${found.assigneeId === null ? nothing : html`<bdi>${agentName(client, found.assigneeId)}</bdi>`}</td>
      <td class="c-updated num" role="cell"><time datetime=${found.updatedAt} title=${fullTime(found.updatedAt)}>${when(found.updatedAt, client.state.now)}</time></td>
    </tr>`
}
