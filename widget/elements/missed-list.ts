import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { CaseSummaryView, PhoneView } from '../../server/http/schemas.ts'
import { ApiError } from '../client/api.ts'
import { type Client, ClientController } from '../client/client.ts'
import { callBack, claimLeft, type Settled, take, whySettled } from '../client/missed-desk.ts'
import { release } from '../client/requests.ts'
import { secondsSince, selectMissed } from '../client/select.ts'
import { selectCanDial } from '../client/select-controls.ts'
import { phone, plain, userName } from '../format.ts'
import { fullTime, span, when } from '../format-time.ts'
import { enCases } from '../i18n/en-cases.ts'
import { addEnglish, t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions, errorText } from './action.ts'
import { dialledNumber } from './call-button.ts'
import { handset } from './case-line.ts'
import { agentName } from './case-message.ts'
import { define, later } from './define.ts'
import { controls } from './form-styles.ts'
import { phoneIcon } from './icons.ts'
import { missedListStyles } from './missed-list-styles.ts'
import { whyText } from './refusal.ts'
import { go } from './route.ts'

addEnglish(enCases)

/** A settled row stays so long that one can see what became of it. */
const GONE_MS = 12_000
/** Waiting times are in minutes. */
const TICK_MS = 20_000

interface Leaving {
  readonly case: CaseSummaryView
  readonly settled: Settled | null
  readonly until: number
}

/** Missed calls, who waits longest first; who claims one calls back (POP-10, CASE-17). */
export class RingsideMissedList extends LitElement {
  static override properties = { client: { attribute: false }, leaving: { state: true } }
  declare client: Client | null
  /** Nobody waits in these any more; they go when the agent has seen it. */
  declare leaving: ReadonlyMap<string, Leaving>
  readonly #actions = new Actions(this)
  #shown: readonly CaseSummaryView[] = []
  #ticking: ReturnType<typeof setInterval> | undefined
  #isHovered = false

  constructor() {
    super()
    this.client = null
    this.leaving = new Map()
    new ClientController(this)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#ticking = setInterval(() => this.#tick(), TICK_MS)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#ticking)
    this.leaving = new Map()
    this.#shown = []
  }

  #tick(): void {
    const { client } = this
    client?.dispatch({ type: 'tick', now: client.now() })
    this.#clean()
  }

  #clean(): void {
    const now = performance.now()
    const stay = [...this.leaving].filter(([, one]) => this.#isHovered || one.until > now)
    if (stay.length !== this.leaving.size) this.leaving = new Map(stay)
  }

  protected override willUpdate(): void {
    const { client } = this
    if (client === null) return
    client.needMissed()
    const missed = selectMissed(client.state)
    const ids = new Set(missed.map((one) => one.id))
    for (const { userId } of missed) if (userId !== null) client.needUser(userId)
    for (const one of this.#shown) if (!ids.has(one.id)) this.#onSettled(client, one)
    for (const id of this.leaving.keys()) if (ids.has(id)) this.#forget(id)
    this.#shown = missed
  }

  #onSettled(client: Client, found: CaseSummaryView): void {
    // Withdrawn, or moved to another case: it is not this one that settled.
    if (!client.state.cases.has(found.id)) return
    const until = performance.now() + GONE_MS
    this.leaving = new Map(this.leaving).set(found.id, { case: found, settled: null, until })
    const asking = whySettled(client, found).then((settled) => {
      const one = this.leaving.get(found.id)
      if (one !== undefined) this.leaving = new Map(this.leaving).set(found.id, { ...one, settled })
    })
    // Without an answer it says that it is settled, and no more.
    later(asking)
  }

  #forget(id: string): void {
    const leaving = new Map(this.leaving)
    leaving.delete(id)
    this.leaving = leaving
  }

  readonly #onPointer = (event: PointerEvent) => {
    this.#isHovered = event.type === 'pointerenter' && event.pointerType !== 'touch'
    this.#clean()
  }

  #take(found: CaseSummaryView): void {
    void this.#actions.run(found.id, async () => this.client && take(this.client, found))
  }

  #release(found: CaseSummaryView): void {
    void this.#actions.run(found.id, async () => this.client && release(this.client, found.id))
  }

  #callBack(found: CaseSummaryView, number: string): void {
    void this.#actions.run(
      found.id,
      async () => this.client && callBack(this.client, found, number),
    )
  }

  /** Whatever takes `tel:` links dials: only after the claim. */
  readonly #onLink = (event: Event, found: CaseSummaryView) => {
    const { client } = this
    if (client === null || found.assigneeId === client.state.me?.id) return
    event.preventDefault()
    const { href } = event.currentTarget as HTMLAnchorElement
    void this.#actions.run(found.id, async () => {
      await take(client, found)
      location.assign(href)
    })
  }

  protected override render() {
    const { client } = this
    if (client === null) return nothing
    const rows = this.#rows(selectMissed(client.state))
    const load = client.state.loads.get('missed')
    if (rows.length === 0) {
      if (load === 'failed') return html`<p class="note error small">${t('error.offline')}</p>`
      return html`<p class="muted">${load === 'done' ? t('missed.none') : t('loading')}</p>`
    }
    return html`<ul @pointerenter=${this.#onPointer} @pointerleave=${this.#onPointer}>${repeat(
      rows,
      (one) => one.id,
      (one) => {
        const leaving = this.leaving.get(one.id)
        return leaving === undefined
          ? this.#renderCase(client, one)
          : this.#renderLeaving(client, leaving)
      },
    )}</ul>`
  }

  /** Those that go keep the place they had. */
  #rows(missed: readonly CaseSummaryView[]): readonly CaseSummaryView[] {
    if (this.leaving.size === 0) return missed
    const all = [...missed, ...[...this.leaving.values()].map((one) => one.case)]
    return all.sort((a, b) => Date.parse(waitingSince(a)) - Date.parse(waitingSince(b)))
  }

  #renderCase(client: Client, found: CaseSummaryView): TemplateResult {
    const { assigneeId } = found
    const isTaken = assigneeId !== null && assigneeId !== client.state.me?.id
    return html`<li class=${isTaken ? 'taken' : ''}>
      ${this.#renderWho(client, found)}
      <div class="row actions">${
        isTaken
          ? html`<span class="small muted line">${t('missed.claimedBy', { name: agentName(client, assigneeId) })}</span>`
          : html`${this.#renderCall(client, found)}${this.#renderClaim(client, found)}`
      }</div>
      ${this.#renderError(client, found)}
    </li>`
  }

  #renderWho(client: Client, found: CaseSummaryView): TemplateResult {
    const user = found.userId === null ? undefined : client.state.users.get(found.userId)
    const number = found.phone === null ? t('anonymous') : phone(found.phone)
    const since = waitingSince(found)
    const company = user?.company ? plain(user.company) : ''
    return html`<button class="who" @click=${() => go(this, { view: 'case', caseId: found.id, callId: null })}>
      ${handset(found)}
      <span class="grow">
        <span class="row"><bdi class="grow line strong">${user === undefined ? number : userName(user)}</bdi>
          <time class="small muted num" datetime=${since} title=${fullTime(since)}>${t('missed.waiting', { span: span(secondsSince(client.state, since)) })}</time></span>
        <span class="line small muted">${[timesCalled(client, found), company].filter(Boolean).map((text, index) => html`${index > 0 ? ' · ' : nothing}<bdi>${text}</bdi>`)}</span></span>
    </button>`
  }

  #renderCall(client: Client, found: CaseSummaryView): TemplateResult | typeof nothing {
    const number = dialledNumber(found.phone)
    if (number === null) return nothing
    const shown = phone(found.phone as PhoneView)
    const label = t('missed.callBackTo', { number: shown })
    const content = html`${phoneIcon('outgoing')}<bdi class="num">${shown}</bdi>`
    if (!selectCanDial(client.state)) {
      return html`<a class="button call" href="tel:${number}" title=${label} aria-label=${label}
        @click=${(event: Event) => this.#onLink(event, found)}>${content}</a>`
    }
    return html`<button class="call" title=${label} aria-label=${label} aria-busy=${this.#actions.isBusy(found.id)}
      @click=${() => this.#callBack(found, number)}>${content}</button>`
  }

  /** One button with two texts: it keeps the focus when it is pressed. */
  #renderClaim(client: Client, found: CaseSummaryView): TemplateResult {
    const isFree = found.assigneeId === null
    return html`<button class="quiet" aria-busy=${this.#actions.isBusy(found.id)}
      title=${isFree ? t('missed.claimHint') : nothing}
      @click=${() => (isFree ? this.#take(found) : this.#release(found))}>${t(isFree ? 'missed.claim' : 'missed.release')}</button>
      ${isFree ? nothing : this.#renderMine(client, found)}`
  }

  #renderMine(client: Client, found: CaseSummaryView): TemplateResult {
    const left = claimLeft(client.state, found)
    return html`<span class="small line mine">${t('missed.claimedByMe')}${
      left === null
        ? nothing
        : html` <span class="muted">· ${t('missed.left', { span: span(left) })}</span>`
    }</span>`
  }

  #renderError(client: Client, found: CaseSummaryView): TemplateResult | typeof nothing {
    const error = this.#actions.failure(found.id)
    if (error === undefined) return nothing
    const holder = found.assigneeId
    const wasFirst =
      error instanceof ApiError && error.code === 'already-claimed' && holder !== null
    const text = wasFirst
      ? t('missed.wasFirst', { name: agentName(client, holder) })
      : error instanceof ApiError && error.status === 409
        ? whyText(error)
        : errorText(error)
    return html`<p class="note error small" role="alert">${text}</p>`
  }

  #renderLeaving(client: Client, { case: found, settled }: Leaving): TemplateResult {
    const name = agentName(client, settled?.agentId ?? null)
    const key = settled?.didTalk ? 'missed.talked' : 'missed.closed'
    const isNamed = settled !== null && settled.agentId !== null
    return html`<li class="gone">${this.#renderWho(client, found)}
      <p class="small green actions" role="status">${isNamed ? t(key, { name }) : t('missed.settled')}</p></li>`
  }

  static override styles = [...shared, controls, missedListStyles]
}

/** `3 calls, last 10:02`: how often the caller tried. */
function timesCalled(client: Client, found: CaseSummaryView): string {
  const { missedCalls, lastMissedAt } = found
  if (missedCalls < 2 || lastMissedAt === null) return `#${found.number}`
  const time = when(lastMissedAt, client.state.now)
  return t('missed.times', { count: missedCalls, time })
}

function waitingSince(found: CaseSummaryView): string {
  return found.waitingSince ?? found.createdAt
}

define('ringside-missed-list', RingsideMissedList)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-missed-list': RingsideMissedList
  }
}
