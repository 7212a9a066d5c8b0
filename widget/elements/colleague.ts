/** The other side of an internal call: a colleague, whom nobody links to a user (CALL-13). */
import { css, html, type TemplateResult } from 'lit'
import type { CallView } from '../../server/http/schemas.ts'
import type { Client } from '../client/client.ts'
import { customerOf, selectColleague } from '../client/select.ts'
import { phone, plain } from '../format.ts'
import { t } from '../i18n/t.ts'
import { agentStateStyles, stateDot, stateText } from './agent-state.ts'

/** Whether the call is between colleagues, and not with a customer. */
export function isInternal(call: CallView | null): boolean {
  return call?.direction === 'internal'
}

/** Internal calls have cases where the connection says so. */
export function canHaveCase(client: Client, call: CallView): boolean {
  return !isInternal(call) || client.state.me?.internalCalls.includes(call.connectionId) === true
}

export function renderColleague(client: Client, call: CallView): TemplateResult {
  const colleague = selectColleague(client.state, call)
  const isMine = call.agentId === client.state.me?.id
  const number = phone(isMine ? customerOf(call) : call.from)
  return html`<section class="stack">
    ${
      colleague === null
        ? html`<h2><bdi class="num">${number}</bdi></h2>`
        : html`<div><h2><bdi>${plain(colleague.name)}</bdi></h2>
          <p class="row colleague">${stateDot(colleague.state)}<bdi class="line">${stateText(client.state, colleague)}</bdi>
            <bdi class="muted num">${number}</bdi></p></div>`
    }
    <p class="muted small">${t(canHaveCase(client, call) ? 'colleague.hint' : 'colleague.noCase')}</p>
  </section>`
}

export const colleagueStyles = [
  agentStateStyles,
  css`.colleague { margin-block-start: var(--_1); }`,
]
