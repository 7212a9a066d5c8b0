import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { CasePatch, CaseSummaryView } from '../../server/http/schemas.ts'
import { ApiError } from '../client/api.ts'
import { type Client, ClientController } from '../client/client.ts'
import { addNote, type HistoryItem, loadHistory, patchCase } from '../client/requests.ts'
import { currentCaseId } from '../client/select.ts'
import { phone, plain, userName } from '../format.ts'
import { enCases } from '../i18n/en-cases.ts'
import { enPanel } from '../i18n/en-panel.ts'
import { addEnglish, t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import { stateText } from './agent-state.ts'
import { callButton, callError } from './call-button.ts'
import { renderHistory } from './case-history.ts'
import { handset } from './case-line.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'
import { icon } from './line-icons.ts'
import { LoneController, loneProperties } from './lone.ts'
import { go } from './route.ts'

addEnglish(enPanel)
addEnglish(enCases)

/** A case, live: messages in order, note, status, assignee, history (POP-8). */
export class RingsideCase extends LitElement {
  static override properties = {
    ...loneProperties,
    client: { attribute: false },
    caseId: { attribute: 'case-id' },
    isEditing: { state: true },
    history: { state: true },
    conflict: { state: true },
  }
  declare client: Client | null
  declare caseId: string
  declare isEditing: boolean
  declare history: readonly HistoryItem[] | null
  /** Somebody else was first: said until the next change goes through (CASE-15). */
  declare conflict: boolean
  readonly #actions = new Actions(this)
  #loaded = ''

  constructor() {
    super()
    this.client = null
    this.caseId = ''
    this.isEditing = false
    this.history = null
    this.conflict = false
    new LoneController(this)
    new ClientController(this)
  }

  get #case(): CaseSummaryView | null {
    const { client } = this
    return client === null
      ? null
      : (client.state.cases[currentCaseId(client.state, this.caseId)] ?? null)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { client } = this
    if (changed.has('client')) this.#loaded = ''
    if (client === null || this.caseId === '') return
    const id = currentCaseId(client.state, this.caseId)
    if (id === this.#loaded) return
    this.#loaded = id
    this.history = null
    void this.#actions.run('load', () => client.loadCase(id))
  }

  /** Puts the cursor into the note. */
  focusNote(): void {
    this.renderRoot.querySelector<HTMLElement>('#note')?.focus()
  }

  async #patch(key: string, patch: CasePatch): Promise<boolean> {
    const { client } = this
    const found = this.#case
    if (client === null || found === null) return false
    this.conflict = false
    const saved = await this.#actions.run(key, async () => {
      try {
        return await patchCase(client, found.id, found.version, patch)
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 409) throw error
        this.conflict = true
        if (error.current === null) await client.loadCase(found.id)
        return undefined
      }
    })
    if (this.history !== null) void this.#loadHistory()
    return saved !== undefined
  }

  readonly #onStatus = async (event: Event) => {
    const select = event.target as HTMLSelectElement
    await this.#patch('status', { status: select.value as CaseSummaryView['status'] })
    // Shown is what the server has, whatever was chosen.
    select.value = this.#case?.status ?? select.value
  }

  readonly #onAssignee = async (event: Event) => {
    const select = event.target as HTMLSelectElement
    await this.#patch('assignee', { assigneeId: select.value || null })
    select.value = this.#case?.assigneeId ?? ''
  }

  readonly #onEditSubject = () => {
    this.isEditing = true
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('#subject')?.focus(),
    )
  }

  readonly #onSubject = async (event: SubmitEvent) => {
    event.preventDefault()
    const subject = this.renderRoot.querySelector<HTMLInputElement>('#subject')?.value.trim() ?? ''
    if (subject === '') return
    if (await this.#patch('subject', { subject })) this.isEditing = false
  }

  readonly #onSubjectKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    this.isEditing = false
  }

  readonly #onNote = async (event: SubmitEvent) => {
    event.preventDefault()
    const { client } = this
    const found = this.#case
    const field = this.renderRoot.querySelector<HTMLTextAreaElement>('#note')
    const text = field?.value.trim() ?? ''
    if (client === null || found === null || field === null || text === '') return
    const isDone = await this.#actions.run('note', async () => {
      await addNote(client, found.id, text)
      return true
    })
    if (isDone && field.value.trim() === text) field.value = ''
  }

  readonly #onNoteKey = (event: KeyboardEvent) => {
    const form = (event.target as HTMLTextAreaElement).form
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form?.requestSubmit()
  }

  readonly #onHistory = (event: Event) => {
    if ((event.target as HTMLDetailsElement).open && this.history === null) void this.#loadHistory()
  }

  async #loadHistory(): Promise<void> {
    const { client } = this
    const found = this.#case
    if (client === null || found === null) return
    this.history = (await this.#actions.run('history', () => loadHistory(client, found.id))) ?? null
  }

  protected override render() {
    const { client } = this
    const found = this.#case
    if (client === null) return nothing
    if (found === null) return this.#renderMissing(client)
    const messages = client.state.messages[found.id]
    const isMoved = client.state.withdrawn[this.caseId] !== undefined
    return html`
      ${isMoved ? html`<p class="note small">${t('case.withdrawn')}</p>` : nothing}
      ${this.#renderHead(client, found)}
      ${this.conflict ? html`<p class="note warn small" role="alert">${t('case.conflict')}</p>` : nothing}
      ${['status', 'assignee', 'subject'].map((key) => this.#actions.error(key))}
      <section aria-label=${t('case.messages')}>
        ${
          messages === undefined
            ? html`<p class="muted">${t('loading')}</p>${this.#renderRetry(client)}`
            : html`<ol>${messages.map(
                (one) => html`<li><ringside-case-message .client=${client} .message=${one}
                  .caseId=${found.id}></ringside-case-message></li>`,
              )}</ol>`
        }
      </section>
      <form class="stack" @submit=${this.#onNote}>
        <div><label for="note">${t('case.note')}</label>
        <textarea id="note" rows="2" maxlength="20000" dir="auto" @keydown=${this.#onNoteKey}></textarea></div>
        ${this.#actions.error('note')}
        <button class="start" aria-busy=${this.#actions.isBusy('note')}>${t('case.addNote')}</button>
      </form>
      <details @toggle=${this.#onHistory}><summary class="small muted">${t('case.history')}</summary>
        ${this.#renderHistory(client)}</details>
    `
  }

  #renderMissing(client: Client): TemplateResult {
    return this.#actions.hasFailed('load')
      ? html`<p class="muted">${t('case.missing')}</p>${this.#renderRetry(client)}`
      : html`<p class="muted">${t('loading')}</p>`
  }

  #renderRetry(client: Client): TemplateResult | typeof nothing {
    if (!this.#actions.hasFailed('load')) return nothing
    const retry = () => void this.#actions.run('load', () => client.loadCase(this.#loaded))
    return html`${this.#actions.error('load')}<button class="start" @click=${retry}>${t('retry')}</button>`
  }

  #renderHead(client: Client, found: CaseSummaryView): TemplateResult {
    return html`<header class="stack">
      ${this.isEditing ? this.#renderSubjectForm(found) : this.#renderSubject(found)}
      ${this.#renderPerson(client, found)}
      <div class="two">
        <div><label for="status">${t('case.status')}</label>
          <select id="status" .value=${found.status} @change=${this.#onStatus} aria-busy=${this.#actions.isBusy('status')}>
            ${(['open', 'pending', 'closed'] as const).map(
              (one) =>
                html`<option value=${one} ?selected=${one === found.status}>${t(`status.${one}`)}</option>`,
            )}</select></div>
        <div><label for="assignee">${t('case.assignee')}</label>
          <select id="assignee" @change=${this.#onAssignee} aria-busy=${this.#actions.isBusy('assignee')}>
            ${this.#renderAgents(client, found)}</select></div>
      </div>
    </header>`
  }

  #renderSubject(found: CaseSummaryView): TemplateResult {
    return html`<div class="row top"><span class="hand">${handset(found)}</span>
      <h2 class="grow wrap"><bdi>${plain(found.subject)}</bdi> <span class="muted num">#${found.number}</span></h2>
      <button class="icon" aria-label=${t('case.editSubject')} title=${t('case.editSubject')}
        @click=${this.#onEditSubject}>${icon('edit')}</button></div>`
  }

  #renderSubjectForm(found: CaseSummaryView): TemplateResult {
    return html`<form class="stack" @submit=${this.#onSubject} @keydown=${this.#onSubjectKey}>
      <input id="subject" required maxlength="500" dir="auto" aria-label=${t('case.subject')} .value=${found.subject}>
      <div class="row"><button class="primary" aria-busy=${this.#actions.isBusy('subject')}>${t('save')}</button>
        <button type="button" class="quiet" @click=${() => {
          this.isEditing = false
        }}>${t('cancel')}</button></div></form>`
  }

  /** Whose case it is, and a way to call them. */
  #renderPerson(client: Client, found: CaseSummaryView): TemplateResult {
    const { userId } = found
    const user = userId === null ? undefined : client.state.users[userId]
    const number = found.phone ?? user?.phones[0] ?? null
    return html`<div class="row person">
      <span class="grow">${
        user === undefined || userId === null
          ? html`<bdi class="line muted num">${number === null ? t('anonymous') : phone(number)}</bdi>`
          : html`<button class="link who" @click=${() => go(this, { view: 'user', userId })}><bdi class="line">${userName(user)}</bdi></button>`
      }</span>
      ${callButton(client, this.#actions, number)}</div>${callError(this.#actions, number)}`
  }

  #renderAgents(client: Client, found: CaseSummaryView): TemplateResult[] {
    const agents = Object.values(client.state.agents)
    const isListed = agents.some((one) => one.id === found.assigneeId)
    const own = client.state.me?.id
    const option = (id: string, label: string) =>
      html`<option value=${id} ?selected=${id === (found.assigneeId ?? '')}>${label}</option>`
    return [
      option('', t('case.nobody')),
      ...agents.map((one) =>
        option(
          one.id,
          one.id === own
            ? t('case.me', { name: plain(one.name) })
            : `${plain(one.name)} · ${stateText(client.state, one)}`,
        ),
      ),
      ...(isListed || found.assigneeId === null ? [] : [option(found.assigneeId, t('noName'))]),
    ]
  }

  #renderHistory(client: Client): TemplateResult {
    const { history } = this
    if (history === null)
      return html`${this.#actions.error('history')}<p class="small muted">${t('loading')}</p>`
    if (history.length === 0) return html`<p class="small muted">${t('case.noHistory')}</p>`
    return renderHistory(client, history)
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: flex; flex-direction: column; gap: 14px; }
      .top { align-items: start; }
      .hand { padding-block-start: 3px; }
      .hand svg { inline-size: 18px; block-size: 18px; }
      .who { max-inline-size: 100%; }
      .two { display: grid; grid-template-columns: repeat(auto-fit, minmax(120px, 1fr)); gap: 8px; }
      .start { align-self: start; }
      section ol { border-block: 1px solid var(--_border); }
      section li + li { border-block-start: 1px solid var(--_border); }
      summary { cursor: pointer; padding-block: 4px; }
      .history li { padding-block: 6px; }
      .history li + li { border-block-start: 1px solid var(--_border); }
    `,
  ]
}

define('ringside-case', RingsideCase)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-case': RingsideCase
  }
}
