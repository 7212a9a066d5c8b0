import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { CallView, CaseSummaryView, UserView } from '../../server/http/schemas.ts'
import { type Client, ClientController } from '../client/client.ts'
import { fixCall, linkUser } from '../client/requests.ts'
import {
  customerOf,
  isAnonymous,
  selectCallUsers,
  selectCasesOf,
  userIdsOf,
} from '../client/select.ts'
import { duration, phone, plain, userName } from '../format.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import { caseLine, caseLineStyles } from './case-line.ts'
import { canHaveCase, colleagueStyles, isInternal, renderColleague } from './colleague.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'
import { icon } from './line-icons.ts'
import { go } from './route.ts'
import './user-fields.ts'

/**
 * A user, or the caller of a call (POP-3, POP-4): what to do with the call above everything else, then who
 * it is, then what there was before.
 */
export class RingsideUser extends LitElement {
  static override properties = {
    client: { attribute: false },
    userId: { attribute: 'user-id' },
    callId: { attribute: 'call-id' },
    fixing: { state: true },
    essence: { state: true },
  }
  declare client: Client | null
  declare userId: string | null
  declare callId: string | null
  /** The case that the call is about to be fixed in. */
  declare fixing: string | null
  declare essence: string
  readonly #actions = new Actions(this)

  constructor() {
    super()
    this.client = null
    this.userId = null
    this.callId = null
    this.fixing = null
    this.essence = ''
    new ClientController(this)
  }

  get #call(): CallView | null {
    return (this.callId === null ? null : this.client?.state.calls.get(this.callId)) ?? null
  }

  get #user(): UserView | null {
    const { client } = this
    const call = this.#call
    if (client === null || isInternal(call)) return null
    const id = this.userId ?? call?.userId ?? null
    if (id !== null) return client.state.users.get(id) ?? null
    const users = call === null ? [] : selectCallUsers(client.state, call)
    return users.length === 1 ? (users[0] ?? null) : null
  }

  protected override willUpdate(): void {
    const { client } = this
    if (client === null) return
    const call = this.#call
    const ids = this.userId !== null ? [this.userId] : call === null ? [] : userIdsOf(call)
    for (const id of ids) {
      client.needUser(id)
      client.needCasesOf(id)
    }
  }

  #choose(callId: string, userId: string): void {
    void this.#actions.run(
      `link:${userId}`,
      async () => this.client && linkUser(this.client, callId, userId),
    )
  }

  #startFix(caseId: string): void {
    this.fixing = this.fixing === caseId ? null : caseId
    this.essence = (this.callId && this.client?.state.drafts.get(this.callId)?.essence) || ''
    void this.updateComplete.then(() => this.renderRoot.querySelector('textarea')?.focus())
  }

  readonly #onEssence = (event: InputEvent) => {
    this.essence = (event.target as HTMLTextAreaElement).value
    const subject = (this.callId && this.client?.state.drafts.get(this.callId)?.subject) || ''
    if (this.callId !== null) this.client?.drafts.type(this.callId, subject, this.essence)
  }

  readonly #onFix = async (event: SubmitEvent) => {
    event.preventDefault()
    const { client, callId, fixing, essence } = this
    if (client === null || callId === null || fixing === null) return
    const found = await this.#actions.run('fix', () => fixCall(client, callId, fixing, essence))
    if (found === undefined) return
    this.fixing = null
    go(this, { view: 'case', caseId: found.id, callId })
  }

  readonly #onFixKey = (event: KeyboardEvent) => {
    const form = (event.target as HTMLTextAreaElement).form
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form?.requestSubmit()
    if (event.key !== 'Escape') return
    event.stopPropagation()
    this.fixing = null
    const row = form?.parentElement
    void this.updateComplete.then(() => row?.querySelector<HTMLElement>('.fix')?.focus())
  }

  protected override render() {
    const { client } = this
    if (client === null) return nothing
    const call = this.#call
    const user = this.#user
    if (this.callId !== null && call === null) return html`<p class="muted">${t('error.gone')}</p>`
    const several = call !== null && call.userId === null && call.candidateUserIds.length > 1
    return html`
      ${call === null ? nothing : this.#renderCall(client, call, user)}
      ${several ? this.#renderCandidates(client, call) : nothing}
      ${user === null ? (several ? nothing : this.#renderNobody(client, call)) : this.#renderUser(client, user, call)}
      ${call !== null && isInternal(call) ? renderColleague(client, call) : nothing}
      ${
        call === null
          ? nothing
          : html`<button class="link small trace" @click=${() => go(this, { view: 'trace', callId: call.id })}>
            ${t('trace.open')}</button>`
      }
    `
  }

  /** What to do with the call. */
  #renderCall(client: Client, call: CallView, user: UserView | null): TemplateResult {
    const about = aboutText(call, user !== null)
    return html`<section class="call stack">
      ${call.caseId === null ? nothing : this.#renderItsCase(client, call, call.caseId)}
      ${canHaveCase(client, call) && canChoose(client, call) ? this.#renderCreate(call, user) : nothing}
      ${about === '' ? nothing : html`<p class="small muted wrap about">${about}</p>`}
    </section>`
  }

  #renderItsCase(client: Client, call: CallView, caseId: string): TemplateResult {
    const found = client.state.cases.get(caseId)
    // A moment's matter: the case comes with the call.
    if (found === undefined) {
      return html`<button @click=${() => this.#openCase(caseId, call.id)}>${t('caller.inCase')}</button>`
    }
    return html`<p class="small muted">${t('caller.inCase')}</p>
      <div class="boxed">${caseLine(found, client.state.now, () => this.#openCase(caseId, call.id))}</div>`
  }

  #renderCreate(call: CallView, user: UserView | null): TemplateResult {
    const isAnswered = call.answeredAt !== null || call.direction === 'outgoing'
    const unknown = user === null && call.candidateUserIds.length === 0 && !isInternal(call)
    return html`
      ${
        unknown
          ? html`<div><h2>${isAnonymous(customerOf(call)) ? t('anonymous') : html`<bdi class="num">${phone(customerOf(call))}</bdi>`}</h2>
            <p class="muted">${isAnonymous(customerOf(call)) ? t('caller.anonymousHint') : t('caller.unknownHint')}</p></div>
          <button class=${isAnswered ? '' : 'primary'} @click=${() => go(this, { view: 'find', callId: call.id })}>
            ${icon('link')}${isAnonymous(customerOf(call)) ? t('caller.findAnonymous') : t('caller.find')}</button>`
          : nothing
      }
      <button class="primary" part="create-case" ?disabled=${!isAnswered}
        @click=${() => go(this, { view: 'form', callId: call.id })}>${icon('plus')}${t('caller.createCase')}</button>
      ${isAnswered ? nothing : html`<p class="small muted">${t('caller.notAnswered')}</p>`}`
  }

  #renderCandidates(client: Client, call: CallView): TemplateResult {
    const users = selectCallUsers(client.state, call)
    return html`<section class="stack"><div><h2>${t('caller.several')}</h2>
      <p class="muted">${t('caller.severalHint')}</p></div>
      <ul class="choices">${users.map(
        (user) => html`<li class="row">
          <span class="grow"><bdi class="line strong">${userName(user)}</bdi>
            <bdi class="line small muted">${[user.company, user.email]
              .filter(Boolean)
              .map((one) => plain(one ?? ''))
              .join(' · ')}</bdi></span>
          <button aria-busy=${this.#actions.isBusy(`link:${user.id}`)}
            aria-label="${t('caller.choose')}: ${userName(user)}"
            @click=${() => this.#choose(call.id, user.id)}>${t('caller.choose')}</button>
          ${this.#actions.error(`link:${user.id}`)}
        </li>`,
      )}</ul>
      <button class="link" @click=${() => go(this, { view: 'find', callId: call.id })}>${t('caller.find')}</button>
    </section>`
  }

  #renderNobody(client: Client, call: CallView | null): TemplateResult | typeof nothing {
    const id = this.userId ?? call?.userId ?? null
    if (id === null) return nothing
    const isFailed = client.state.loads.get(`user:${id}`) === 'failed'
    return html`<p class="muted">${isFailed ? t('user.missing') : t('loading')}</p>`
  }

  #renderUser(client: Client, user: UserView, call: CallView | null): TemplateResult {
    const cases = selectCasesOf(client.state, user.id).filter((one) => one.id !== call?.caseId)
    const isLoading = client.state.loads.get(`cases:${user.id}`) === 'loading'
    return html`
      <section>
        <ringside-user-fields .client=${client} .user=${user}></ringside-user-fields>
      </section>
      <section>
        <h2 class="over">${t('user.cases')}</h2>
        ${
          cases.length === 0
            ? html`<p class="muted">${isLoading ? t('loading') : t('user.noCases')}</p>`
            : html`<ul class="cases">${cases.map((one) => this.#renderCase(client, one, call))}</ul>`
        }
      </section>`
  }

  #renderCase(client: Client, found: CaseSummaryView, call: CallView | null): TemplateResult {
    const canFix = call !== null && canChoose(client, call) && call.state !== 'started'
    const isFixing = this.fixing === found.id
    return html`<li>
      ${caseLine(found, client.state.now, () => this.#openCase(found.id, call?.id ?? null))}
      ${
        canFix
          ? html`<button class="link fix small" aria-expanded=${isFixing} @click=${() => this.#startFix(found.id)}>
            ${t('caller.fix')}</button>`
          : nothing
      }
      ${
        isFixing
          ? html`<form class="stack fixing" @submit=${this.#onFix}>
            <div><label for="essence">${t('caller.fixHint')}</label>
            <textarea id="essence" rows="3" dir="auto" .value=${this.essence}
              @input=${this.#onEssence} @keydown=${this.#onFixKey}></textarea></div>
            <button class="primary" aria-busy=${this.#actions.isBusy('fix')}>${t('caller.fixSave', { number: String(found.number) })}</button>
            ${this.#actions.error('fix')}</form>`
          : nothing
      }
    </li>`
  }

  #openCase(caseId: string, callId: string | null): void {
    go(this, { view: 'case', caseId, callId })
  }

  static override styles = [
    ...shared,
    controls,
    caseLineStyles,
    colleagueStyles,
    css`
      :host { display: flex; flex-direction: column; gap: calc(var(--_1) * 5); }
      .boxed { border: 1px solid var(--_border); border-radius: var(--_radius-small); }
      .about {
        display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden;
      }
      .cases { margin-inline: -8px; }
      .cases li + li { border-block-start: 1px solid var(--_border); }
      .fix { display: block; margin-inline-start: 34px; margin-block: -4px 4px; }
      .fixing { margin-block: 2px 10px; margin-inline: 34px 8px; }
      .choices li { padding-block: 8px; flex-wrap: wrap; }
      .choices li + li { border-block-start: 1px solid var(--_border); }
    `,
  ]
}

/** Nobody chose a case yet; after the end the automatic one may still be replaced (CASE-19). */
function canChoose(client: Client, call: CallView): boolean {
  if (call.caseId === null) return true
  const found = client.state.cases.get(call.caseId)
  return call.state === 'ended' && call.outcome === 'answered' && found?.version === 1
}

/** `+375 29 170-16-99 · Queue Support · Call ended · 1:37`: about the call, as far as it is not said elsewhere. */
function aboutText(call: CallView, isNamed: boolean): string {
  const parts = [
    isNamed ? phone(customerOf(call)) : null,
    call.queue === null ? null : t('popup.queue', { queue: plain(call.queue) }),
    call.state === 'ended' ? endText(call) : null,
  ]
  return parts.flatMap((one) => (one === null ? [] : [`\u2068${one}\u2069`])).join(' · ')
}

function endText(call: CallView): string {
  if (call.talkSeconds !== null && call.outcome === 'answered') {
    return t('call.endedAfter', { duration: duration(call.talkSeconds) })
  }
  return call.outcome === null ? t('call.ended') : t(`outcome.${call.outcome}`)
}

define('ringside-user', RingsideUser)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-user': RingsideUser
  }
}
