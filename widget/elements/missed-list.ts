import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { CaseSummaryView } from '../../server/http/schemas.ts'
import { type Client, ClientController } from '../client/client.ts'
import { claim, release } from '../client/requests.ts'
import { secondsSince, selectMissed } from '../client/select.ts'
import { phone, plain, userName } from '../format.ts'
import { fullTime, span } from '../format-time.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import { callButton, callError } from './call-button.ts'
import { handset } from './case-line.ts'
import { agentName } from './case-message.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'
import { go } from './route.ts'

/** Missed calls, who waits longest first; who claims one calls back (POP-10, CASE-17). */
export class RingsideMissedList extends LitElement {
  static override properties = { client: { attribute: false } }
  declare client: Client | null
  readonly #actions = new Actions(this)

  constructor() {
    super()
    this.client = null
    new ClientController(this)
  }

  protected override willUpdate(): void {
    this.client?.needMissed()
  }

  #claim(id: string): void {
    void this.#actions.run(id, async () => this.client && claim(this.client, id))
  }

  #release(id: string): void {
    void this.#actions.run(id, async () => this.client && release(this.client, id))
  }

  protected override render() {
    const { client } = this
    if (client === null) return nothing
    const missed = selectMissed(client.state)
    const load = client.state.loads.missed
    if (missed.length === 0) {
      if (load === 'failed') return html`<p class="note error small">${t('error.offline')}</p>`
      return html`<p class="muted">${load === 'done' ? t('missed.none') : t('loading')}</p>`
    }
    return html`<ul>${missed.map((one) => this.#renderCase(client, one))}</ul>`
  }

  #renderCase(client: Client, found: CaseSummaryView): TemplateResult {
    const user = found.userId === null ? undefined : client.state.users[found.userId]
    const since = found.waitingSince ?? found.createdAt
    const number = found.phone === null ? t('anonymous') : phone(found.phone)
    return html`<li>
      <button class="who" @click=${() => go(this, { view: 'case', caseId: found.id, callId: null })}>
        ${handset(found)}
        <span class="grow"><bdi class="line strong">${user === undefined ? number : userName(user)}</bdi>
          <span class="line small muted"><time datetime=${since} title=${fullTime(since)}>${t('missed.waiting', { span: span(secondsSince(client.state, since)) })}</time>
          · <bdi>${user?.company ? plain(user.company) : `#${found.number}`}</bdi></span></span>
      </button>
      <div class="row actions">
        ${this.#renderClaim(client, found)}
        <span class="grow"></span>
        ${callButton(client, this.#actions, found.phone)}
      </div>
      ${this.#actions.error(found.id)}${callError(this.#actions, found.phone)}
    </li>`
  }

  #renderClaim(client: Client, found: CaseSummaryView): TemplateResult {
    const isBusy = this.#actions.isBusy(found.id)
    if (found.assigneeId === null) {
      return html`<button aria-busy=${isBusy} @click=${() => this.#claim(found.id)}>${t('missed.claim')}</button>`
    }
    if (found.assigneeId === client.state.me?.id) {
      return html`<span class="small">${t('missed.claimedByMe')}</span>
        <button class="link small" aria-busy=${isBusy} @click=${() => this.#release(found.id)}>${t('missed.release')}</button>`
    }
    return html`<span class="small muted line">${t('missed.claimedBy', { name: agentName(client, found.assigneeId) })}</span>`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: block; }
      ul { margin-inline: -8px; }
      li { padding: 6px 8px 10px; }
      li + li { border-block-start: 1px solid var(--_border); }
      .who { inline-size: 100%; gap: 10px; padding: 4px 0; border: 0; background: none; text-align: start; font-weight: 400; }
      .who:hover { background: none; }
      .who:hover .strong { text-decoration: underline; }
      .actions { margin-inline-start: 26px; flex-wrap: wrap; }
      .actions .link { align-self: center; }
      .actions .button { padding-inline: 8px; font-weight: 400; }
    `,
  ]
}

define('ringside-missed-list', RingsideMissedList)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-missed-list': RingsideMissedList
  }
}
