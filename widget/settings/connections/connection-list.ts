/** All PBXs: how each of them is, what is wrong with it and what to do. */
import { css, html, nothing, type TemplateResult } from 'lit'
import { icon } from '../../elements/line-icons.ts'
import { plain } from '../../format.ts'
import { t } from '../../i18n/t.ts'
import { empty, section } from '../blocks.ts'
import type { Agent, Connection } from './contract.ts'
import { troublesOf, waysOf } from './state-words.ts'
import type { Step } from './steps.ts'

export interface ListOptions {
  readonly connections: readonly Connection[]
  readonly agents: readonly Agent[]
  readonly now: number
  /** Something typed there is not saved. */
  readonly isUnsaved: (id: string) => boolean
  readonly onOpen: (id: string, step?: Step) => void
}

export function renderList(options: ListOptions): TemplateResult {
  const { connections, onOpen } = options
  const add = html`<button class="primary" @click=${() => onOpen('new')}>${icon('plus')}${t('conn.new')}</button>`
  return section(
    { title: t('conn.title'), text: t('conn.about'), actions: connections.length > 0 && add },
    connections.length === 0
      ? empty(t('conn.none'), add)
      : html`<ul class="list">${connections.map((one) => renderOne(one, options))}</ul>`,
  )
}

function renderOne(connection: Connection, options: ListOptions): TemplateResult {
  const { id, name } = connection
  const { agents, now, onOpen } = options
  return html`<li class="card" data-connection=${id}>
    <div class="head"><h4><button class="link title" @click=${() => onOpen(id)}><bdi>${plain(name) || t('noName')}</bdi></button></h4>
      ${options.isUnsaved(id) ? html`<span class="tag pending">${t('conn.unsaved')}</span>` : nothing}</div>
    ${renderWays(connection, now)}
    ${renderTroubles(connection, agents, (step) => onOpen(id, step))}</li>`
}

export function renderWays(connection: Connection, now: number): TemplateResult {
  return html`<dl class="states">${waysOf(connection, now).map(
    ({
      name,
      tone,
      text,
    }) => html`<div class="state tone-${tone}"><span class="lamp" aria-hidden="true"></span>
      <dt>${name}</dt><dd><bdi>${plain(text)}</bdi></dd></div>`,
  )}</dl>`
}

export function renderTroubles(
  connection: Connection,
  agents: readonly Agent[],
  onGo: (step: Step) => void,
  /** The step that is shown already. */
  shown: Step | null = null,
): TemplateResult | typeof nothing {
  const hasAgents = agents.some(({ extensions }) =>
    extensions.some(({ connectionId }) => connectionId === connection.id),
  )
  const troubles = troublesOf(connection, hasAgents)
  if (troubles.length === 0) return nothing
  return html`<ul class="troubles">${troubles.map(
    ({ text, step }) => html`<li class="wrap">${plain(text)}
      ${step === null || step === shown ? nothing : html`<button class="link" @click=${() => onGo(step)}>${t(`conn.go.${step}`)}</button>`}</li>`,
  )}</ul>`
}

export const listStyles = css`
  .list { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26em), 1fr)); gap: var(--_4); }
  .card { display: flex; flex-direction: column; gap: var(--_3); padding: var(--_4); border: 1px solid var(--_border); border-radius: var(--_radius); }
  .title { font-size: var(--_title); font-weight: 600; }
  .states { display: grid; grid-template-columns: auto auto minmax(0, 1fr); gap: var(--_1) var(--_2); align-items: baseline; }
  .state { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; align-items: baseline; }
  .state dt { color: var(--_muted); }
  .state dd { overflow-wrap: anywhere; }
  .tone-bad dd { color: var(--_red); }
  .lamp { inline-size: 10px; block-size: 10px; border: 2px solid var(--_muted); border-radius: 50%; forced-color-adjust: none; }
  .tone-good .lamp { border-color: var(--_green); background: var(--_green); }
  .tone-waiting .lamp { border-color: var(--_amber); background: linear-gradient(var(--_amber) 50%, transparent 50%); }
  .tone-bad .lamp { border-color: var(--_red); border-radius: 2px; background: var(--_red); }
  .troubles { display: flex; flex-direction: column; gap: var(--_2); }
  .troubles li { padding: var(--_2) var(--_3); border-radius: var(--_radius-small); background: var(--_amber-soft); color: var(--_amber); }
  .troubles .link { display: inline-flex; }
  @container page (max-width: 30em) { .states { grid-template-columns: auto minmax(0, 1fr); } .state dd { grid-column: 2; } }
`
