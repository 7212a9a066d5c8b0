import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { BehindItemView, BehindView } from '../../server/http/report-schemas.ts'
import type { CallView, CaseSummaryView } from '../../server/http/schemas.ts'
import type { Client } from '../client/client.ts'
import { customerOf } from '../client/select.ts'
import { Actions } from '../elements/action.ts'
import { handset } from '../elements/case-line.ts'
import { define } from '../elements/define.ts'
import { controls } from '../elements/form-styles.ts'
import { closeIcon, missedIcon, phoneIcon } from '../elements/icons.ts'
import { go, type Route } from '../elements/route.ts'
import { phone, plain } from '../format.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { agentText, durationText, instantText, type Names } from './words.ts'

/** What the list is of. */
export interface Behind {
  /** `/api/reports/…/behind?figure=…`: without page and cursor. */
  readonly path: string
  readonly figure: string
  readonly of: string
  /** The value is no number of things but made of theirs. */
  readonly isComputed: boolean
  /** Each line is a call, also where the server says its case. */
  readonly isOfCalls: boolean
  readonly tz: string
}

const PAGE = 50

/** The cases or calls behind a figure, newest first; each opens where cases are opened. */
export class RingsideReportBehind extends LitElement {
  static override properties = {
    client: { attribute: false },
    behind: { attribute: false },
    names: { attribute: false },
    items: { state: true },
    next: { state: true },
  }
  declare client: Client | null
  declare behind: Behind | null
  declare names: Names
  declare items: readonly BehindItemView[] | null
  declare next: string | null
  /** The line that was opened: one comes back to it. */
  #opened = -1
  #turn = 0
  readonly #actions = new Actions(this)

  constructor() {
    super()
    this.client = null
    this.behind = null
    this.names = new Map()
    this.items = null
    this.next = null
  }

  /** Where one was reading, else the title. */
  override focus(): void {
    const line = this.renderRoot.querySelectorAll<HTMLElement>('.line-button')[this.#opened]
    const target = line ?? this.renderRoot.querySelector<HTMLElement>('h3')
    target?.focus()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before: Behind | null | undefined = changed.get('behind')
    const isOther = changed.has('behind') && before?.path !== this.behind?.path
    if (!isOther && !changed.has('client')) return
    this.items = null
    this.next = null
    this.#opened = -1
    void this.#load()
  }

  async #load(): Promise<void> {
    const { client, behind } = this
    if (client === null || behind === null) return
    this.#turn += 1
    const turn = this.#turn
    this.#actions.clear(`page ${turn - 1}`)
    const cursor = this.next === null ? '' : `&cursor=${encodeURIComponent(this.next)}`
    const page = await this.#actions.run(`page ${turn}`, () =>
      client.api.get<BehindView>(`${behind.path}&limit=${PAGE}${cursor}`),
    )
    if (page === undefined || turn !== this.#turn) return
    this.items = [...(this.items ?? []), ...page.items]
    this.next = page.next
  }

  #open(index: number, route: Route): void {
    this.#opened = index
    go(this, route)
  }

  readonly #onClose = () => this.dispatchEvent(new CustomEvent('ringside-behind-close'))
  readonly #onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    this.#onClose()
  }

  protected override render() {
    const { behind, items } = this
    if (behind === null) return nothing
    return html`<section aria-labelledby="title" @keydown=${this.#onKey}>
      <header class="row"><h3 class="grow" id="title" tabindex="-1">${behind.figure}<span class="of small muted"><span class="sr">: </span><bdi>${behind.of}</bdi></span></h3>
        <button class="icon" aria-label=${t('reports.close')} title=${t('reports.close')} @click=${this.#onClose}>${closeIcon()}</button></header>
      ${behind.isComputed ? html`<p class="small muted">${t('reports.behindAs')}</p>` : nothing}
      ${items === null ? nothing : html`<ul>${items.map((item, index) => html`<li>${this.#renderItem(item, index, behind)}</li>`)}</ul>`}
      ${items?.length === 0 ? html`<p class="muted">${t('reports.behindNone')}</p>` : nothing}
      ${this.#renderEnd(items === null)}</section>`
  }

  #renderEnd(isFirst: boolean): TemplateResult | typeof nothing {
    const key = `page ${this.#turn}`
    const isBusy = this.#actions.isBusy(key)
    if (this.#actions.hasFailed(key))
      return html`${this.#actions.error(key)}<button @click=${() => this.#load()}>${t('retry')}</button>`
    if (isFirst) return html`<p class="muted" role="status">${t('loading')}</p>`
    if (this.next === null) return nothing
    return html`<button aria-busy=${isBusy} @click=${() => !isBusy && this.#load()}>${t('reports.behindMore')}</button>`
  }

  #renderItem(item: BehindItemView, index: number, { tz, isOfCalls }: Behind): TemplateResult {
    const at = html`<time datetime=${item.at}>${instantText(item.at, tz)}</time>`
    const who = html`<bdi>${agentText(item.agentId, this.names)}</bdi>`
    if (item.call !== null && (isOfCalls || item.case === null))
      return this.#renderCall(item.call, index, [at, who])
    if (item.case !== null) return this.#renderCase(item.case, item.call, index, [at, who])
    return html`<p class="gone small muted">${t('reports.caseGone')} ${at} · ${who}</p>`
  }

  #renderCase(
    found: CaseSummaryView,
    call: CallView | null,
    index: number,
    [at, who]: readonly TemplateResult[],
  ): TemplateResult {
    const open = () =>
      this.#open(index, { view: 'case', caseId: found.id, callId: call?.id ?? null })
    const subject = plain(found.subject)
    return html`<button class="line-button" @click=${open}>${handset(found)}
      <span class="grow"><bdi class="line" title=${subject}>${subject}</bdi>
        <span class="small muted num facts">#${found.number} · ${at} · ${who}</span></span>
      <span class="tag ${found.status}">${t(`status.${found.status}`)}</span></button>`
  }

  /** A call without a case is shown by what happened in it. */
  #renderCall(call: CallView, index: number, [at, who]: readonly TemplateResult[]): TemplateResult {
    const isOutgoing = call.direction === 'outgoing'
    const isTalk = call.outcome === 'answered'
    const route: Route =
      call.caseId === null
        ? { view: 'trace', callId: call.id }
        : { view: 'case', caseId: call.caseId, callId: call.id }
    const icon =
      isTalk || isOutgoing ? phoneIcon(isOutgoing ? 'outgoing' : 'incoming') : missedIcon()
    const label = t(isOutgoing ? 'call.outgoing' : 'call.incoming')
    return html`<button class="line-button" @click=${() => this.#open(index, route)}>
      <span class=${isTalk ? 'green' : isOutgoing ? 'muted' : 'red'} role="img" aria-label=${label} title=${label}>${icon}</span>
      <span class="grow"><span class="line num"><bdi>${phone(customerOf(call))}</bdi></span>
        <span class="small muted num facts">${at} · ${who}${call.queue ? html` · <bdi>${plain(call.queue)}</bdi>` : nothing}${lasted(call)}</span></span>
      ${call.outcome === null ? nothing : html`<span class="tag">${t(`outcome.${call.outcome}`)}</span>`}</button>`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: block; }
      section {
        display: flex; flex-direction: column; gap: var(--_2); padding: var(--_3); border: 1px solid var(--_border);
        border-radius: var(--_radius-small); background: var(--_background);
      }
      header { align-items: start; }
      h3 { margin: 0; font-size: var(--_title); font-weight: 600; line-height: 1.3; }
      h3:focus { outline: none; }
      .of { display: block; font-weight: 400; }
      ul { max-block-size: min(65vh, 42em); margin-inline: calc(var(--_1) * -1); overflow: auto; }
      li + li { border-block-start: 1px solid var(--_border); }
      .line-button {
        inline-size: 100%; align-items: start; gap: var(--_2); padding: var(--_2) var(--_1); border: 0; border-radius: 0; background: none;
        font-weight: 400; text-align: start; justify-content: start;
      }
      .line-button:hover { background: var(--_surface); }
      .line-button:focus-visible { outline-offset: -2px; }
      .facts { display: block; }
      .gone { padding: var(--_2) var(--_1); }
    `,
  ]
}

function lasted({ talkSeconds, ringSeconds, outcome }: CallView): string {
  if (outcome === 'answered' && talkSeconds !== null)
    return ` · ${t('reports.talked', { duration: durationText(talkSeconds) })}`
  if (outcome === 'missed' && ringSeconds !== null)
    return ` · ${t('reports.waited', { duration: durationText(ringSeconds) })}`
  return ''
}

define('ringside-report-behind', RingsideReportBehind)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-report-behind': RingsideReportBehind
  }
}
