import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { CallView } from '../../server/http/schemas.ts'
import { ApiError } from '../client/api.ts'
import { addTyped } from '../client/case-edit.ts'
import { type Client, ClientController } from '../client/client.ts'
import { createCase } from '../client/requests.ts'
import { customerOf, isAnonymous, selectCallUsers } from '../client/select.ts'
import { phone } from '../format.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import { agentName } from './case-message.ts'
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
    takenId: { state: true },
  }
  declare client: Client | null
  declare callId: string
  declare subject: string
  declare essence: string
  declare isMissing: boolean
  /** The case that somebody else made of the call meanwhile (CASE-15). */
  declare takenId: string | null
  readonly #actions = new Actions(this)
  #started = ''
  #said = ''
  #isCreating = false

  constructor() {
    super()
    this.client = null
    this.callId = ''
    this.subject = ''
    this.essence = ''
    this.isMissing = false
    this.takenId = null
    new ClientController(this)
  }

  override focus(): void {
    this.renderRoot.querySelector('input')?.focus()
  }

  protected override willUpdate(): void {
    const draft = this.client?.state.drafts.get(this.callId)
    const isNew = this.#started !== this.callId
    // Typed in another tab: taken over while nothing is typed here, and not when the call's case has used it up.
    const isFiled = (this.client?.state.calls.get(this.callId)?.caseId ?? null) !== null
    const isElsewhere = draft?.sync === 'saved' && !isFiled && !this.matches(':focus-within')
    if (!isNew && !isElsewhere) return
    this.#started = this.callId
    if (isNew) this.takenId = null
    if (isNew) this.#said = ''
    this.subject = draft?.subject ?? ''
    this.essence = draft?.essence ?? ''
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
    const call = client?.state.calls.get(callId)
    if (client === null || call === undefined || this.#taken(call) !== null) return
    if (this.subject.trim() === '') {
      this.isMissing = true
      this.focus()
      return
    }
    this.#isCreating = true
    const found = await this.#actions.run('create', async () => {
      try {
        return await createCase(client, callId, this.subject.trim(), this.essence)
      } catch (error) {
        if (!(error instanceof ApiError) || error.current === null) throw error
        this.takenId = error.current.id
        return undefined
      }
    })
    this.#isCreating = false
    if (found !== undefined) go(this, { view: 'case', caseId: found.id, callId }, true)
  }

  /** What was typed goes into the case that is there, as a note. */
  async #keepTyped(caseId: string): Promise<void> {
    const { client, callId } = this
    if (client === null) return
    const text = [this.subject.trim(), this.essence.trim()].filter(Boolean).join('\n')
    const kept = await this.#actions.run('keep', () => addTyped(client, caseId, text))
    if (kept === undefined) return
    client.drafts.drop(callId)
    go(this, { view: 'case', caseId, callId }, true)
  }

  #renderTaken(client: Client, caseId: string): TemplateResult {
    const found = client.state.cases.get(caseId)
    const number = String(found?.number ?? '')
    const name = found?.assigneeId == null ? null : agentName(client, found.assigneeId)
    const hasTyped = `${this.subject}${this.essence}`.trim() !== ''
    return html`<div class="note warn stack" role="alert">
      <p>${name === null ? t('form.taken', { number }) : t('form.takenBy', { name, number })}</p>
      <div class="row wraps">
        ${hasTyped ? html`<button type="button" class="primary" aria-busy=${this.#actions.isBusy('keep')} @click=${() => void this.#keepTyped(caseId)}>${t('form.keepTyped')}</button>` : nothing}
        <button type="button" @click=${() => go(this, { view: 'case', caseId, callId: this.callId }, true)}>${t('form.openTaken', { number })}</button>
      </div></div>${this.#actions.error('keep')}`
  }

  /**
   * The case that the call is in, unless this form is just making it. One that the end of the call has made becomes
   * the agent's own (CASE-19); where somebody was faster after all the server says so.
   */
  #taken(call: CallView): string | null {
    if (this.takenId !== null || this.#isCreating || call.caseId === null) return this.takenId
    const madeAt = this.client?.state.cases.get(call.caseId)?.createdAt
    return call.endedAt !== null && (madeAt ?? call.endedAt) >= call.endedAt ? null : call.caseId
  }

  protected override render() {
    const { client } = this
    const call = client?.state.calls.get(this.callId)
    if (client === null) return nothing
    if (call === undefined) return html`<p class="muted">${t('error.gone')}</p>`
    const takenId = this.#taken(call)
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
      ${
        takenId === null
          ? html`<div class="row">
            <button class="primary" aria-busy=${this.#actions.isBusy('create')}>${t('form.create')}</button>
            <span class="grow"></span>
            ${this.#renderDraft(client)}
          </div>`
          : this.#renderTaken(client, takenId)
      }
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
    const draft = client.state.drafts.get(this.callId)
    const isEmpty = this.subject === '' && this.essence === ''
    // Without a text it is not what stands here: the call is over, and its draft used up.
    const isUsedUp = draft?.sync === 'saved' && `${draft.subject}${draft.essence}` === ''
    const isShown = draft !== undefined && !isUsedUp && !(isEmpty && draft.sync === 'saved')
    const isResult = draft?.sync === 'saved' || draft?.sync === 'failed'
    // Said is what came out, and only when it is another than before: not each pause in the typing.
    if (isShown && isResult) this.#said = t(`draft.${draft.sync}`)
    return html`<span class="sr" role="status">${this.#said}</span>${
      isShown
        ? html`<span class="small ${draft.sync === 'failed' ? 'red' : 'muted'}" aria-hidden="true">${t(`draft.${draft.sync}`)}</span>`
        : nothing
    }`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: flex; flex-direction: column; gap: 18px; }
      form { gap: 12px; }
      .wraps { flex-wrap: wrap; }
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
