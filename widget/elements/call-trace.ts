import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { CallView } from '../../server/http/schemas.ts'
import { type Client, ClientController } from '../client/client.ts'
import { loadTrace, type TraceItem } from '../client/load-trace.ts'
import { plain } from '../format.ts'
import { clockTime, fullTime } from '../format-time.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import {
  type Change,
  changeText,
  clockText,
  lateText,
  reason,
  ruleText,
  type Shown,
  sentence,
  sourceText,
  type Told,
  who,
} from './call-trace-words.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'
import { closeIcon } from './icons.ts'
import { icon } from './line-icons.ts'
import { go } from './route.ts'

/** What happened in a call, in plain words: who was shown a pop-up and who not, and which rule did what (CALL-19). */
export class RingsideCallTrace extends LitElement {
  static override properties = {
    client: { attribute: false },
    callId: { attribute: 'call-id' },
    items: { state: true },
  }
  declare client: Client | null
  declare callId: string
  /** Null while it has not been loaded. */
  declare items: readonly TraceItem[] | null
  readonly #actions = new Actions(this)
  #loadedFor: unknown = null

  constructor() {
    super()
    this.client = null
    this.callId = ''
    this.items = null
    new ClientController(this)
  }

  get #call(): CallView | null {
    return this.client?.state.calls.get(this.callId) ?? null
  }

  protected override willUpdate(): void {
    const { client, callId } = this
    if (client === null || callId === '') return
    // Each change of the call has an event behind it.
    const wanted = this.#call ?? callId
    if (wanted === this.#loadedFor || this.#actions.isBusy('load')) return
    this.#loadedFor = wanted
    void this.#load(client, callId)
  }

  async #load(client: Client, callId: string): Promise<void> {
    const items = await this.#actions.run('load', () => loadTrace(client, callId))
    if (items !== undefined && callId === this.callId) this.items = items
  }

  readonly #onRetry = () => {
    if (this.client !== null) void this.#load(this.client, this.callId)
  }

  protected override render() {
    const { client, items } = this
    if (client === null) return nothing
    if (items === null) {
      if (!this.#actions.hasFailed('load')) return html`<p class="muted">${t('loading')}</p>`
      return html`<div class="stack">${this.#actions.error('load')}
        <button class="again" @click=${this.#onRetry}>${t('retry')}</button></div>`
    }
    if (items.length === 0) return html`<p class="muted">${t('trace.none')}</p>`
    const told: Told = { state: client.state, items, call: this.#call }
    return html`${renderWho(told)}
      <section><h2 class="over">${t('trace.what')}</h2>
        ${renderClock(items)}
        <ol>${items.map((item) => this.#renderItem(told, item))}</ol>
        ${this.#renderNoCase(items)}</section>`
  }

  #renderItem(told: Told, item: TraceItem): TemplateResult {
    const late = lateText(told.items, item)
    const time = clockTime(item.at)
    return html`<li class="item">
      <time class="num small muted" datetime=${item.at} title=${fullTime(item.at)}>${time}</time>
      <div class="grow">
        <p class="wrap clamp">${sentence(told, item)}</p>
        ${late === '' ? nothing : html`<p class="small amber">${late}</p>`}
        ${item.changes.map((one) => this.#renderChange(told, one))}
        ${
          item.changes.length === 0 && item.result !== null && item.event.type !== 'action'
            ? html`<p class="small wrap clamp">${plain(item.result)}</p>`
            : nothing
        }
        <details class="small"><summary class="muted">${icon('right')}<span class="line"><bdi>${sourceText(item.source)}</bdi> · ${t('trace.raw')}</span>
          <span class="sr">${time}</span></summary>
          <dl class="raw">${Object.entries(item.raw).map(
            ([name, value]) =>
              html`<dt><bdi>${plain(name)}</bdi></dt><dd><bdi>${plain(value)}</bdi></dd>`,
          )}</dl></details>
      </div>
    </li>`
  }

  #renderChange({ state }: Told, change: Change): TemplateResult {
    const { title, details } = changeText(state, change)
    const why = ruleText(change.rule)
    const { caseId } = change
    return html`<div class="change">
      <p class="wrap">${
        caseId === null
          ? html`<span class="strong">${title}</span>`
          : html`<button class="link strong" @click=${() => go(this, { view: 'case', caseId, callId: null })}>${title}</button>`
      }${details === '' ? nothing : html` <span class="small">${details}</span>`}</p>
      <p class="small muted wrap">${why === null ? nothing : html`${t('trace.why', { why })} `}<span
        class="num">(${plain(change.rule)})</span></p></div>`
  }

  /** That there is no case is an answer too. */
  #renderNoCase(items: readonly TraceItem[]): TemplateResult | typeof nothing {
    const call = this.#call
    const isSettled = call === null || call.caseId !== null
    if (isSettled || items.some((one) => one.changes.length > 0 || one.rule !== null))
      return nothing
    const isOver = call.state === 'ended'
    return html`<p class="small muted">${t(isOver ? 'trace.noCase' : 'trace.noCaseYet')}</p>`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: flex; flex-direction: column; gap: 20px; }
      .who li { display: flex; align-items: start; gap: 8px; padding-block: 4px; }
      .who svg { margin-block-start: 3px; }
      .item { position: relative; display: flex; gap: 12px; padding-block-end: 12px; }
      .item > time { flex: none; padding-block-start: 2px; }
      .amber { color: var(--_amber); }
      .warn { margin-block-end: var(--_3); }
      .change {
        margin-block: 4px; padding: 6px 10px; border-radius: var(--_radius-small);
        background: var(--_surface);
      }
      .clamp {
        display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden;
      }
      .again { align-self: start; }
      summary {
        display: inline-flex; align-items: center; gap: 4px; max-inline-size: 100%;
        min-block-size: 24px; cursor: pointer;
      }
      summary svg { inline-size: var(--_small); block-size: var(--_small); }
      summary:dir(rtl) svg { scale: -1 1; }
      details[open] summary svg { rotate: 90deg; }
      details:dir(rtl)[open] summary svg { rotate: -90deg; }
      summary:hover { text-decoration: underline; }
      .raw {
        display: grid; grid-template-columns: minmax(60px, auto) minmax(0, 1fr); gap: 2px 12px;
        max-block-size: 240px; overflow: auto; padding: 8px 10px; border-radius: var(--_radius-small);
        background: var(--_surface);
      }
      .raw dt { color: var(--_muted); overflow-wrap: anywhere; }
      @media (forced-colors: active) { .change, .raw { border: 1px solid; } }
    `,
  ]
}

/** The last word about each extension that rang: shown, or why not. */
function renderWho(told: Told): TemplateResult {
  const last = verdicts(told.items)
  return html`<section><h2 class="over">${t('trace.who')}</h2>
    ${
      last.length === 0
        ? html`<p class="muted">${t('trace.nobody')}</p>`
        : html`<ul class="who">${last.map(
            (one) => html`<li>${
              one.shown
                ? html`<span class="green">${icon('check')}</span>`
                : html`<span class="muted">${closeIcon()}</span>`
            }<div class="grow"><p class="wrap clamp"><span class="strong">${who(told, one.extension)}</span>${
              one.agentId !== null && one.agentId === told.state.me?.id
                ? html` <span class="tag">${t('trace.you')}</span>`
                : nothing
            }
              · <span class=${one.shown ? 'green' : ''}>${t(one.shown ? 'trace.shown' : 'trace.notShown')}</span></p>
              <p class="small muted wrap">${reason(told, one)}</p></div></li>`,
          )}</ul>`
    }</section>`
}

/** Who saw it once has seen it; of the others the first reason says it. */
function verdicts(items: readonly TraceItem[]): readonly Shown[] {
  const rings = items.filter(({ event }) => event.type === 'ringing')
  const found = new Map<string, Shown>()
  for (const one of rings.flatMap(({ agents }) => agents)) {
    if (found.get(one.extension)?.shown !== true && (one.shown || !found.has(one.extension))) {
      found.set(one.extension, one)
    }
  }
  return [...found.values()]
}

function renderClock(items: readonly TraceItem[]): TemplateResult | typeof nothing {
  const text = clockText(items)
  return text === '' ? nothing : html`<p class="note warn small">${text}</p>`
}

define('ringside-call-trace', RingsideCallTrace)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-call-trace': RingsideCallTrace
  }
}
