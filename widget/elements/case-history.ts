import { html, nothing, type TemplateResult } from 'lit'
import type { Client } from '../client/client.ts'
import type { HistoryItem } from '../client/requests.ts'
import { plain } from '../format.ts'
import { when } from '../format-time.ts'
import { t } from '../i18n/t.ts'
import { ruleText } from './call-trace-words.ts'
import { agentName } from './case-message.ts'

/** Every change of a case with who, when and, where a rule did it, which (CASE-12). */
export function renderHistory(client: Client, history: readonly HistoryItem[]): TemplateResult {
  return html`<ol class="history small">${history.map((one) => {
    const change = changeText(client, one)
    return html`<li><p class="wrap">${title(one)}${change === '' ? nothing : html`: <bdi>${change}</bdi>`}</p>
      <p class="muted wrap">${t('case.changedBy', { who: whoText(client, one), time: when(one.at, client.state.now) })}${
        one.rule === null ? nothing : html` · <span class="num">${one.rule}</span>`
      }</p></li>`
  })}</ol>`
}

/** A person, or why a rule did it. */
function whoText(client: Client, { agentId, rule }: HistoryItem): string {
  const reason = rule === null || agentId !== null ? null : ruleText(rule)
  return reason === null ? agentName(client, agentId) : t('case.byItself', { reason })
}

function title({ kind, from, to }: HistoryItem): string {
  switch (kind) {
    case 'opened':
    case 'reopened':
    case 'subject':
    case 'status':
    case 'assignee':
    case 'handset':
    case 'essence':
    case 'user':
    case 'claimed':
    case 'released':
    case 'externalId':
    case 'withdrawn':
      return t(`history.${kind}`)
    case 'call':
      return t(to === null ? 'history.callLeft' : 'history.call')
    case 'note':
      return t(from === null ? 'history.noteAdded' : 'history.note')
    default:
      return t('history.other')
  }
}

const WITH_VALUES = [
  'subject',
  'status',
  'reopened',
  'assignee',
  'handset',
  'essence',
  'note',
  'externalId',
]

/** What it was and what it is; nothing where that would be an id that says nothing to people. */
function changeText(client: Client, item: HistoryItem): string {
  const isNewNote = item.kind === 'note' && item.from === null
  if (isNewNote || !WITH_VALUES.includes(item.kind)) return ''
  const from = valueText(client, item.kind, item.from)
  const to = valueText(client, item.kind, item.to)
  return from === '' ? to : t('case.from', { from, to })
}

function valueText(client: Client, kind: string, value: unknown): string {
  if (value === null || value === undefined) return kind === 'assignee' ? t('case.nobody') : ''
  if (kind === 'assignee' && typeof value === 'string') return agentName(client, value)
  if (value === 'red' || value === 'green') return t(`history.${value}`)
  if (value === 'open' || value === 'pending' || value === 'closed') return t(`status.${value}`)
  return typeof value === 'string' || typeof value === 'number' ? plain(String(value)) : ''
}
