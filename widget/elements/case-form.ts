import { css, html, LitElement, nothing } from 'lit'
import { type Client, ClientController } from '../client/client.ts'
import { createCase } from '../client/requests.ts'
import { customerOf, isAnonymous, selectCallUsers } from '../client/select.ts'
import { phone } from '../format.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'
import { go } from './route.ts'
import './user-fields.ts'

/** The case written while talking (POP-5): what is typed is a draft on the server within a second. */
export class RingsideCaseForm extends LitElement {
  static override properties = {
    client: { attribute: false },
    callId: { attribute: 'call-id' },
    subject: { state: true },
    essence: { state: true },
    isMissing: { state: true },
  }
  declare client: Client | null
  declare callId: string
  declare subject: string
  declare essence: string
  declare isMissing: boolean
  readonly #actions = new Actions(this)
  #started = ''

  constructor() {
    super()
    this.client = null
    this.callId = ''
    this.subject = ''
    this.essence = ''
    this.isMissing = false
    new ClientController(this)
  }

  override focus(): void {
    this.renderRoot.querySelector('input')?.focus()
  }

  protected override willUpdate(): void {
    const draft = this.client?.state.drafts[this.callId]
    const isNew = this.#started !== this.callId
    // Typed in another tab: taken over while nothing is typed here.
    const isElsewhere = draft?.sync === 'saved' && !this.matches(':focus-within')
    if (!isNew && !isElsewhere) return
    this.#started = this.callId
    if (draft === undefined) return
    this.subject = draft.subject
    this.essence = draft.essence
  }

  readonly #onInput = (event: InputEvent) => {
    const control = event.target as HTMLInputElement | HTMLTextAreaElement
    if (control.name === 'subject') this.subject = control.value
    else this.essence = control.value
    if (this.subject.trim() !== '') this.isMissing = false
    this.client?.drafts.type(this.callId, this.subject, this.essence)
  }

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    void this.#create()
  }

  readonly #onSubmit = (event: SubmitEvent) => {
    event.preventDefault()
    void this.#create()
  }

  async #create(): Promise<void> {
    const { client, callId } = this
    if (client === null) return
    if (this.subject.trim() === '') {
      this.isMissing = true
      this.focus()
      return
    }
    const found = await this.#actions.run('create', () =>
      createCase(client, callId, this.subject.trim(), this.essence),
    )
    if (found !== undefined) go(this, { view: 'case', caseId: found.id, callId }, true)
  }

  protected override render() {
    const { client } = this
    const call = client?.state.calls[this.callId]
    if (client === null || call === undefined) return nothing
    const users = selectCallUsers(client.state, call)
    const user = users.length === 1 ? users[0] : undefined
    const number = customerOf(call)
    return html`<form class="stack" novalidate @submit=${this.#onSubmit} @input=${this.#onInput} @keydown=${this.#onKey}>
      <div><label for="subject">${t('form.subject')}</label>
        <input id="subject" name="subject" maxlength="500" dir="auto" autocomplete="off" .value=${this.subject}
          aria-invalid=${this.isMissing} aria-describedby=${this.isMissing ? 'missing' : nothing}>
        ${this.isMissing ? html`<p id="missing" class="small red">${t('form.subjectNeeded')}</p>` : nothing}</div>
      <div><label for="essence">${t('form.essence')}</label>
        <textarea id="essence" name="essence" rows="7" maxlength="20000" dir="auto" .value=${this.essence}></textarea></div>
      ${this.#actions.error('create')}
      <div class="row">
        <button class="primary" aria-busy=${this.#actions.isBusy('create')}>${t('form.create')}</button>
        <span class="grow"></span>
        ${this.#renderDraft(client)}
      </div>
    </form>
    <section>${
      user === undefined
        ? isAnonymous(number) || call.candidateUserIds.length > 0
          ? nothing
          : html`<p class="note small">${t('form.newUser', { number: phone(number) })}</p>`
        : html`<ringside-user-fields .client=${client} .user=${user}></ringside-user-fields>`
    }</section>`
  }

  #renderDraft(client: Client) {
    const draft = client.state.drafts[this.callId]
    const isEmpty = this.subject === '' && this.essence === ''
    if (draft === undefined || (isEmpty && draft.sync === 'saved')) return nothing
    return html`<span class="small ${draft.sync === 'failed' ? 'red' : 'muted'}" role="status">${t(`draft.${draft.sync}`)}</span>`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: flex; flex-direction: column; gap: 18px; }
      form { gap: 12px; }
      input[aria-invalid='true'] { border-color: var(--_red); }
    `,
  ]
}

define('ringside-case-form', RingsideCaseForm)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-case-form': RingsideCaseForm
  }
}
