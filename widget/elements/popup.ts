import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { CallView, PhoneView, UserView } from '../../server/http/schemas.ts'
import { type Client, ClientController } from '../client/client.ts'
import {
  customerOf,
  isAnonymous,
  isLoadingUsers,
  isMissed,
  type PopupEntry,
  secondsSince,
  selectCallUsers,
  selectCasesOf,
  selectColleague,
  selectFields,
} from '../client/select.ts'
import { duration, fieldText, phone, plain, userName } from '../format.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import { define, later } from './define.ts'
import { closeIcon, missedIcon, phoneIcon } from './icons.ts'
import { go } from './route.ts'

const MOST_CANDIDATES = 4

/**
 * One call that rings (POP-1): who it is, and what is open with them.
 * @csspart popup - the card
 */
export class RingsidePopup extends LitElement {
  static override properties = {
    client: { attribute: false },
    entry: { attribute: false },
    fields: { attribute: false },
  }
  declare client: Client | null
  declare entry: PopupEntry | null
  /** Keys of the fields to show instead of the admin's choice. */
  declare fields: readonly string[] | null
  readonly #actions = new Actions(this)

  constructor() {
    super()
    this.client = null
    this.entry = null
    this.fields = null
    new ClientController(this)
  }

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('.name')?.focus()
  }

  readonly #onClose = () => {
    const { client, entry } = this
    if (client !== null && entry !== null) {
      void this.#actions.run('close', () => client.dismiss(entry.call.id))
    }
  }

  readonly #onOpen = () => {
    if (this.entry !== null) go(this, { view: 'call', callId: this.entry.call.id })
  }

  protected override render() {
    const { client, entry } = this
    if (client === null || entry === null) return nothing
    const { call, kind } = entry
    const users = selectCallUsers(client.state, call)
    const isOver = kind === 'gave-up'
    return html`<section class=${isOver ? 'card over' : 'card'} part="popup" aria-label=${popupLabel(call, users)}>
      <header class="row">
        <span class=${isOver ? 'badge missed' : 'badge'}>
          ${isOver ? missedIcon() : phoneIcon('incoming')}
        </span>
        <bdi class="grow line small muted">${isOver ? t('popup.gaveUp') : origin(call)}</bdi>
        <span class="num small muted">${this.#time(call, isOver)}</span>
        <button class="icon" aria-label=${t('popup.close')} title=${t('popup.close')}
          aria-busy=${this.#actions.isBusy('close')} @click=${this.#onClose}>${closeIcon()}</button>
      </header>
      <div class="body">${this.#renderCaller(client, call, users)}</div>
      ${this.#renderAnswer(client, call)}${this.#actions.error('close')}
    </section>`
  }

  /** For phones that can be told to pick up (CTL-3). */
  #renderAnswer(client: Client, call: CallView): TemplateResult | typeof nothing {
    if (!client.state.me?.extensions.some((one) => one.canAnswer)) return nothing
    later(import('./answer.ts'))
    return html`<ringside-answer .client=${client} .call=${call}></ringside-answer>`
  }

  #time(call: CallView, isOver: boolean): string {
    if (this.client === null) return ''
    const since = call.ringingAt ?? call.startedAt
    const rang = isOver ? call.ringSeconds : secondsSince(this.client.state, since)
    return rang === null ? '' : duration(rang)
  }

  #renderCaller(client: Client, call: CallView, users: readonly UserView[]): TemplateResult {
    const [user] = users
    if (users.length === 1 && user !== undefined) return this.#renderUser(client, call, user)
    if (call.candidateUserIds.length > 1) return this.#renderCandidates(call, users)
    const colleague = selectColleague(client.state, call)
    if (colleague !== null) {
      return html`<button class="name" @click=${this.#onOpen}><bdi>${plain(colleague.name)}</bdi></button>
        <p class="num"><bdi>${phone(call.from)}</bdi></p>`
    }
    const isLoading = isLoadingUsers(client.state, call)
    const isHidden = isAnonymous(callerOf(call))
    const about = isHidden ? t('popup.hidden') : isLoading ? t('loading') : t('popup.unknown')
    return html`<button class="name num" @click=${this.#onOpen}><bdi>${phone(callerOf(call))}</bdi></button>
      <p class="muted fold">${about}</p>`
  }

  #renderUser(client: Client, call: CallView, user: UserView): TemplateResult {
    const values = this.#shown(client)
      .map((key) => fieldText(user, key))
      .filter((value) => value !== '')
    const cases = selectCasesOf(client.state, user.id)
    const missed = cases.filter(isMissed)
    const last = cases[0]
    return html`<button class="name" @click=${this.#onOpen}><bdi>${userName(user)}</bdi></button>
      <p class="num fold line"><bdi>${phone(callerOf(call))}</bdi></p>
      ${values.map((value) => html`<p class="muted fold" title=${value}><bdi class="line">${value}</bdi></p>`)}
      ${
        missed.length === 0 && last === undefined
          ? nothing
          : html`<div class="about small fold">
            ${
              missed.length === 0
                ? nothing
                : html`<p class="row red strong">${missedIcon()}${t('popup.missed', { count: missed.length })}</p>`
            }
            ${
              last === undefined
                ? nothing
                : html`<p class="row"><span class="case"><span class="muted">${t('popup.lastCase')}</span> <bdi>#${last.number}</bdi></span>
                  <bdi class="line grow">${plain(last.subject)}</bdi>
                  <span class="tag ${last.status}">${t(`status.${last.status}`)}</span></p>`
            }
          </div>`
      }`
  }

  #renderCandidates(call: CallView, users: readonly UserView[]): TemplateResult {
    const shown = users.slice(0, MOST_CANDIDATES)
    const more = call.candidateUserIds.length - shown.length
    return html`<button class="name num" @click=${this.#onOpen}><bdi>${phone(callerOf(call))}</bdi></button>
      <p class="muted fold">${t('popup.several', { count: call.candidateUserIds.length })}</p>
      <ul class="about fold">${shown.map(
        (user) =>
          html`<li class="line"><bdi>${userName(user)}</bdi>${
            user.company
              ? html` <span class="muted">· <bdi>${plain(user.company)}</bdi></span>`
              : nothing
          }</li>`,
      )}
      ${more > 0 ? html`<li class="muted">${t('more', { count: more })}</li>` : nothing}</ul>`
  }

  /** Name and number stand above them anyway. */
  #shown(client: Client): readonly string[] {
    const chosen = selectFields(client.state).filter((field) => field.inPopup)
    const keys = this.fields ?? chosen.map((field) => field.key)
    return keys.filter((key) => key !== 'name' && key !== 'phones')
  }

  static override styles = [
    ...shared,
    css`
      :host { display: block; }
      .card {
        padding-block: 6px var(--_3); padding-inline: var(--_4) 6px; overflow: hidden; background: var(--_background);
        border: 1px solid var(--_border); border-radius: var(--_radius); box-shadow: var(--_shadow);
        animation: arrive var(--_motion) ease-out;
      }
      .badge { color: var(--_green); animation: ring calc(var(--_motion) * 10) ease-in-out 3; }
      .badge svg { inline-size: var(--_name); block-size: var(--_name); }
      .badge.missed { color: var(--_red); animation: none; }
      .body { padding-inline-end: 10px; }
      .fold { display: var(--_fold, block); }
      .name {
        display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden;
        max-inline-size: 100%; min-block-size: 24px; padding: 0; border: 0; background: none;
        font-size: var(--_name); font-weight: 600; line-height: 1.35; text-align: start; overflow-wrap: anywhere;
      }
      .name:hover { background: none; text-decoration: underline; }
      .name:focus-visible { outline-offset: -2px; }
      .about { margin-block-start: var(--_2); padding-block-start: var(--_2); border-block-start: 1px solid var(--_border); }
      .case { flex: none; }
      .about > * + * { margin-block-start: var(--_1); }
      .over { box-shadow: none; background: var(--_surface); }
      .over .name { font-size: var(--_title); }
      .over .about { display: none; }
      .error { margin-block-start: var(--_2); }
      .error, ringside-answer { margin-inline-end: 10px; }
      @media (prefers-reduced-motion: reduce) { .card, .badge { animation: none; } }
      @keyframes arrive { from { opacity: 0; translate: 0 -6px; } }
      @keyframes ring {
        0%, 40%, 100% { rotate: 0deg; }
        8%, 24% { rotate: -12deg; }
        16%, 32% { rotate: 12deg; }
      }
    `,
  ]
}

/** Who calls whoever sees the pop-up. */
function callerOf(call: CallView): PhoneView {
  return call.direction === 'internal' ? call.from : customerOf(call)
}

/** Where the call came in: a queue, or the agent's own number. */
function origin(call: CallView): string {
  if (call.direction === 'internal') return t('popup.internal')
  return call.queue === null ? t('popup.personal') : t('popup.queue', { queue: plain(call.queue) })
}

/** What a screen reader says when the call comes. */
export function popupLabel(call: CallView, users: readonly UserView[]): string {
  const user = users.length === 1 ? users[0] : undefined
  const number = phone(callerOf(call))
  if (user === undefined) return t('popup.announceNumber', { number })
  return t('popup.announce', { name: userName(user), number })
}

define('ringside-popup', RingsidePopup)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-popup': RingsidePopup
  }
}
