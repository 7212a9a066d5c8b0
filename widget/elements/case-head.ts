import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { CaseSummaryView } from '../../server/http/schemas.ts'
import { fillUrl } from '../attributes.ts'
import { type CaseField, changeField, type Overtaken } from '../client/case-edit.ts'
import { type Client, ClientController } from '../client/client.ts'
import { phone, plain, userName } from '../format.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import { stateText } from './agent-state.ts'
import { callButton, callError } from './call-button.ts'
import { handset } from './case-line.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'
import { icon } from './line-icons.ts'
import { renderOvertaken } from './overtaken.ts'
import { go } from './route.ts'

/** Subject, person, status and assignee of a case. */
export class RingsideCaseHead extends LitElement {
  static override properties = {
    client: { attribute: false },
    found: { attribute: false },
    caseUrl: { attribute: false },
    isEditing: { state: true },
    overtaken: { state: true },
  }
  declare client: Client | null
  declare found: CaseSummaryView | null
  /** Where the helpdesk shows its own ticket. */
  declare caseUrl: string | null
  declare isEditing: boolean
  /** Somebody else was first: said until the next change (CASE-15). */
  declare overtaken: Overtaken | null
  readonly #actions = new Actions(this)
  /** What the agent saw when they began to choose or to write. */
  #first = ''
  #seen: { status: string; assigneeId: string | null; subject: string } | null = null

  constructor() {
    super()
    this.client = null
    this.found = null
    this.caseUrl = null
    this.isEditing = false
    this.overtaken = null
    new ClientController(this)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('found')
    if (before == null || before.id === this.found?.id) return
    this.isEditing = false
    this.overtaken = null
    this.#seen = null
  }

  async #change(field: CaseField, value: string | null): Promise<boolean> {
    const { client, found } = this
    if (client === null || found === null) return false
    const seen = (this.#seen ?? found)[field]
    this.overtaken = null
    const done = await this.#actions.run(field, async () => {
      this.overtaken = await changeField(client, found.id, field, { seen, value })
      return this.overtaken === null
    })
    this.#seen = null
    return done === true
  }

  // What is chosen from is what was there when the choice was opened.
  readonly #onBegin = () => {
    this.#seen = this.found
  }

  readonly #onStatus = async (event: Event) => {
    const select = event.target as HTMLSelectElement
    await this.#change('status', select.value)
    // Shown is what the server has, whatever was chosen.
    select.value = this.found?.status ?? select.value
  }

  readonly #onAssignee = async (event: Event) => {
    const select = event.target as HTMLSelectElement
    await this.#change('assigneeId', select.value || null)
    select.value = this.found?.assigneeId ?? ''
  }

  readonly #onEditSubject = () => {
    this.#onBegin()
    this.#first = this.found?.subject ?? ''
    this.isEditing = true
    void this.updateComplete.then(() => this.#subject?.focus())
  }

  get #subject(): HTMLInputElement | null {
    return this.renderRoot.querySelector('#subject')
  }

  readonly #onSubject = async (event: SubmitEvent) => {
    event.preventDefault()
    const subject = this.#subject?.value.trim() ?? ''
    if (subject === '') return
    if (await this.#change('subject', subject)) this.#stopEditing()
    // Saved again, it replaces what is now said to be there.
    else this.#onBegin()
  }

  readonly #onSubjectKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    this.#stopEditing()
  }

  readonly #stopEditing = () => {
    this.isEditing = false
    this.overtaken = null
    this.#seen = null
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('.edit')?.focus(),
    )
  }

  readonly #onTicket = (event: MouseEvent) => {
    const { found } = this
    if (found === null || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    go(this, { view: 'case', caseId: found.id, callId: null })
  }

  protected override render() {
    const { client, found } = this
    if (client === null || found === null) return nothing
    return html`
      ${this.isEditing ? this.#renderSubjectForm() : this.#renderSubject(found)}
      ${this.#renderTicket(found)}
      ${this.#renderPerson(client, found)}
      <div class="two">
        <div><label for="status">${t('case.status')}</label>
          <select id="status" .value=${found.status} aria-busy=${this.#actions.isBusy('status')}
            @pointerdown=${this.#onBegin} @keydown=${this.#onBegin} @change=${this.#onStatus}>
            ${(['open', 'pending', 'closed'] as const).map(
              (one) =>
                html`<option value=${one} ?selected=${one === found.status}>${t(`status.${one}`)}</option>`,
            )}</select></div>
        <div><label for="assignee">${t('case.assignee')}</label>
          <select id="assignee" aria-busy=${this.#actions.isBusy('assigneeId')}
            @pointerdown=${this.#onBegin} @keydown=${this.#onBegin} @change=${this.#onAssignee}>
            ${this.#renderAgents(client, found)}</select></div>
      </div>
      ${this.isEditing ? nothing : renderOvertaken(client, this.overtaken)}
      ${(['status', 'assigneeId'] as const).map((key) => this.#actions.error(key))}`
  }

  #renderSubject(found: CaseSummaryView): TemplateResult {
    return html`<div class="row top"><span class="hand">${handset(found)}</span>
      <h2 class="grow wrap"><bdi>${plain(found.subject)}</bdi> <span class="muted num">#${found.number}</span></h2>
      <button class="icon edit" aria-label=${t('case.editSubject')} title=${t('case.editSubject')}
        @click=${this.#onEditSubject}>${icon('edit')}</button></div>`
  }

  /** What is typed stays, whatever the others do meanwhile. */
  #renderSubjectForm(): TemplateResult {
    const { client } = this
    return html`<form class="stack" @submit=${this.#onSubject} @keydown=${this.#onSubjectKey}>
      ${client === null ? nothing : renderOvertaken(client, this.overtaken)}
      <input id="subject" required maxlength="500" dir="auto" aria-label=${t('case.subject')} .defaultValue=${this.#first}>
      ${this.#actions.error('subject')}
      <div class="row"><button class="primary" aria-busy=${this.#actions.isBusy('subject')}>${t('save')}</button>
        <button type="button" class="quiet" @click=${this.#stopEditing}>${t('cancel')}</button></div></form>`
  }

  #renderTicket({ id, number, externalId }: CaseSummaryView): TemplateResult | typeof nothing {
    if (externalId === null) return nothing
    const url = fillUrl('case-url', this.caseUrl, { externalId, id, number: String(number) })
    if (url === null) return nothing
    return html`<a class="small ticket line" href=${url} @click=${this.#onTicket}>${t('case.ticket', { id: plain(externalId) })}</a>`
  }

  /** Whose case it is, and a way to call them. */
  #renderPerson(client: Client, found: CaseSummaryView): TemplateResult {
    const { userId } = found
    const user = userId === null ? undefined : client.state.users.get(userId)
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
    const agents = [...client.state.agents.values()].filter(
      (one) => !one.hasLeft || one.id === found.assigneeId,
    )
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

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: flex; flex-direction: column; gap: 8px; }
      .top { align-items: start; }
      .hand { padding-block-start: 3px; }
      .hand svg { inline-size: 18px; block-size: 18px; }
      .who { max-inline-size: 100%; }
      .ticket { align-self: start; max-inline-size: 100%; margin-inline-start: 26px; }
      .two { display: grid; grid-template-columns: repeat(auto-fit, minmax(120px, 1fr)); gap: 8px; }
    `,
  ]
}

define('ringside-case-head', RingsideCaseHead)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-case-head': RingsideCaseHead
  }
}
