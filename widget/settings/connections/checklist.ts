import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { Client } from '../../client/client.ts'
import { define } from '../../elements/define.ts'
import { icon } from '../../elements/line-icons.ts'
import { plain } from '../../format.ts'
import { when } from '../../format-time.ts'
import { t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { settingsStyles } from '../settings-styles.ts'
import { type ChecklistItem, type ChecklistStep, pathOf } from './contract.ts'
import { live } from './live.ts'
import { Poll } from './poll.ts'
import { keyOr } from './words.ts'

const EVERY_MS = 2_000

/** Which events of the call flows have come, live, and what is missing where (ADMIN-3). */
export class RingsideChecklist extends LitElement {
  static override properties = {
    client: { attribute: false },
    connectionId: { attribute: 'connection-id' },
    everyMs: { attribute: false },
    items: { state: true },
    said: { state: true },
    isLost: { state: true },
  }
  declare client: Client | null
  declare connectionId: string
  /** Null until it is known. */
  declare items: readonly ChecklistItem[] | null
  declare said: string
  declare isLost: boolean
  readonly #poll = new Poll(this, () => this.#load(), EVERY_MS)

  constructor() {
    super()
    this.client = null
    this.connectionId = ''
    this.items = null
    this.said = ''
    this.isLost = false
  }

  /** Asks now. */
  refresh(): void {
    this.#poll.now()
  }

  async #load(): Promise<void> {
    const { client, connectionId } = this
    if (client === null || connectionId === '') return
    try {
      const path = pathOf(connectionId, 'checklist')
      const { items } = await adminApi(client).get<{ items: readonly ChecklistItem[] }>(path)
      this.said = this.items === null ? '' : newsOf(this.items, items) || this.said
      this.items = items
      this.isLost = false
    } catch (error) {
      this.isLost = true
      throw error
    }
  }

  protected override render() {
    const { items } = this
    const lost = this.isLost ? html`<p class="note warn small">${t('conn.notLive')}</p>` : nothing
    if (items === null) return html`${lost || html`<p class="muted">${t('loading')}</p>`}`
    const isDone = items.every(({ done }) => done)
    return html`${live(this.said)}${lost}
      ${isDone ? html`<p class="note all">${icon('check')} ${t('conn.allDone')}</p>` : nothing}
      <ul class="flows">${items.map((item) => this.#renderFlow(item))}</ul>`
  }

  #renderFlow(item: ChecklistItem): TemplateResult {
    const seen = item.steps.filter(({ state }) => state === 'seen').length
    return html`<li class="flow ${item.done ? 'done' : ''}">
      <div class="row"><span class="box ${item.done ? 'on' : ''}">${item.done ? icon('check') : nothing}</span>
        <h4 class="grow">${flowName(item.flow)}
          <span class="sr">${t(item.done ? 'conn.flowDone' : 'conn.flowMissing')}</span></h4>
        <span class="tag num ${item.done ? 'green' : ''}">${t('conn.seenOf', { count: seen, all: item.steps.length })}</span></div>
      <ol>${item.steps.map((step) => this.#renderStep(step))}</ol>
      ${
        item.done || item.hint === ''
          ? nothing
          : html`<p class="small wrap hint"><span class="strong">${t('conn.whatToDo')}</span> <bdi>${plain(item.hint)}</bdi></p>`
      }</li>`
  }

  #renderStep({ alias, state, firstAt }: ChecklistStep): TemplateResult {
    const isSeen = state === 'seen'
    const now = this.client?.now() ?? 0
    return html`<li class=${isSeen ? 'seen' : ''}><span class="box small ${isSeen ? 'on' : ''}">${isSeen ? icon('check') : nothing}</span>
      <span class="wrap">${eventName(alias)} <code>${plain(alias)}</code></span>
      <span class="small muted">${isSeen ? (firstAt === null ? t('conn.seen') : when(firstAt, now)) : t('conn.missing')}</span></li>`
  }

  static override styles = [
    ...settingsStyles,
    css`
      :host { display: flex; flex-direction: column; gap: var(--_3); }
      .flows { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); gap: var(--_3); }
      .flow { padding: var(--_3); border: 1px solid var(--_border); border-radius: var(--_radius); }
      .flow.done { border-color: var(--_green); }
      h4 { margin: 0; font-size: inherit; font-weight: 600; }
      ol { padding-block: var(--_2); }
      ol li { display: grid; grid-template-columns: auto 1fr auto; gap: var(--_2); align-items: start; padding-block: 3px; color: var(--_muted); }
      ol li.seen { color: var(--_text); }
      code { font-size: var(--_small); color: var(--_muted); overflow-wrap: anywhere; }
      .box {
        flex: none; display: inline-grid; place-items: center; inline-size: 20px; block-size: 20px;
        border: 2px solid var(--_field); border-radius: 5px;
      }
      .box.small { inline-size: 16px; block-size: 16px; margin-block-start: 2px; border-radius: 4px; }
      .box svg { inline-size: 12px; block-size: 12px; }
      .box.on { border-color: var(--_green); background: var(--_green); color: var(--_background); }
      .hint { padding-block-start: var(--_2); border-block-start: 1px solid var(--_border); }
      .all { display: flex; align-items: center; gap: var(--_2); background: var(--_green-soft); color: var(--_green); font-weight: 600; }
      @media (forced-colors: active) { .box.on { background: Highlight; } .box.on svg { color: HighlightText; } }
    `,
  ]
}

/** What came since the last look, in words. */
export function newsOf(before: readonly ChecklistItem[], after: readonly ChecklistItem[]): string {
  const seenBefore = new Set(
    before.flatMap(({ flow, steps }) =>
      steps.filter(({ state }) => state === 'seen').map(({ alias }) => `${flow} ${alias}`),
    ),
  )
  return after
    .flatMap(({ flow, steps, done }) => {
      const fresh = steps.filter(
        ({ alias, state }) => state === 'seen' && !seenBefore.has(`${flow} ${alias}`),
      )
      if (fresh.length === 0) return []
      const events = fresh.map(({ alias }) => eventName(alias)).join(', ')
      const news = t('conn.came', { flow: flowName(flow), events })
      return [done ? `${news} ${t('conn.flowDone')}` : news]
    })
    .join(' ')
}

const flowName = (flow: string): string => keyOr(`conn.flow.${flow}`, plain(flow))
const eventName = (alias: string): string => keyOr(`conn.event.${alias}`, plain(alias))

define('ringside-checklist', RingsideChecklist)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-checklist': RingsideChecklist
  }
}
