import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { CaseSummaryView } from '../../server/http/schemas.ts'
import { begunNote, keepBegunNote } from '../client/begun-notes.ts'
import { historyOf } from '../client/case-edit.ts'
import { type Client, ClientController } from '../client/client.ts'
import { addNote, type HistoryItem } from '../client/requests.ts'
import { currentCaseId } from '../client/select.ts'
import { enCases } from '../i18n/en-cases.ts'
import { enPanel } from '../i18n/en-panel.ts'
import { addEnglish, t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import { renderHistory } from './case-history.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'
import { LoneController, loneProperties } from './lone.ts'
import { passOn } from './route.ts'
import './case-head.ts'
import './case-message.ts'

addEnglish(enPanel)
addEnglish(enCases)

/**
 * A case, live: messages in order, note, status, assignee, history (POP-8).
 *
 * @attr case-id - the case
 */
export class RingsideCase extends LitElement {
  static override properties = {
    ...loneProperties,
    client: { attribute: false },
    caseId: { attribute: 'case-id' },
    history: { state: true },
    note: { state: true },
  }
  declare client: Client | null
  declare caseId: string
  declare history: readonly HistoryItem[] | null
  declare note: string
  declare caseUrl: string | null
  readonly #actions = new Actions(this)
  #loaded = ''
  #version: number | undefined

  constructor() {
    super()
    this.client = null
    this.caseId = ''
    this.history = null
    this.note = ''
    this.caseUrl = null
    new LoneController(this)
    new ClientController(this)
  }

  get #case(): CaseSummaryView | null {
    const { client } = this
    return client === null
      ? null
      : (client.state.cases.get(currentCaseId(client.state, this.caseId)) ?? null)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { client } = this
    if (changed.has('client')) this.#loaded = ''
    if (client === null || this.caseId === '') return
    if (changed.has('client') || changed.has('caseId')) this.note = begunNote(client, this.caseId)
    const id = currentCaseId(client.state, this.caseId)
    if (id === this.#loaded) return
    this.#loaded = id
    this.history = null
    void this.#actions.run('load', () => client.loadCase(id))
  }

  protected override firstUpdated(): void {
    this.renderRoot.addEventListener('ringside-go', (event) => passOn(this, event))
  }

  protected override updated(): void {
    const version = this.#case?.version
    if (version === this.#version) return
    this.#version = version
    if (this.history !== null) void this.#loadHistory()
  }

  /** Puts the cursor into the note. */
  focusNote(): void {
    this.renderRoot.querySelector<HTMLElement>('#note')?.focus()
  }

  readonly #onNote = async (event: SubmitEvent) => {
    event.preventDefault()
    const { client, caseId } = this
    const found = this.#case
    const text = this.note.trim()
    if (client === null || found === null || text === '') return
    const isDone = await this.#actions.run('note', async () => {
      await addNote(client, found.id, text)
      return true
    })
    // Meanwhile another page may be here, or more of the note.
    if (isDone && begunNote(client, caseId).trim() === text) keepBegunNote(client, caseId, '')
    this.note = begunNote(client, this.caseId)
  }

  readonly #onNoteInput = (event: InputEvent) => {
    this.note = (event.target as HTMLTextAreaElement).value
    if (this.client !== null) keepBegunNote(this.client, this.caseId, this.note)
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
    this.history = (await this.#actions.run('history', () => historyOf(client, found.id))) ?? null
  }

  protected override render() {
    const { client } = this
    const found = this.#case
    if (client === null) return nothing
    if (found === null) return this.#renderMissing(client)
    const messages = client.state.messages.get(found.id)
    const isMoved = client.state.withdrawn.has(this.caseId)
    return html`
      ${isMoved ? html`<p class="note small">${t('case.withdrawn')}</p>` : nothing}
      <ringside-case-head .client=${client} .found=${found} .caseUrl=${this.caseUrl}></ringside-case-head>
      <section aria-label=${t('case.messages')}>
        ${
          messages === undefined
            ? html`<p class="muted">${t('loading')}</p>${this.#renderRetry(client)}`
            : html`<ol>${repeat(
                messages,
                (one) => one.id,
                (one) => html`<li><ringside-case-message .client=${client} .message=${one}
                  .caseId=${found.id}></ringside-case-message></li>`,
              )}</ol>`
        }
      </section>
      <form class="stack" @submit=${this.#onNote}>
        <div><label for="note">${t('case.note')}</label>
        <textarea id="note" rows="2" maxlength="20000" dir="auto" .value=${this.note}
          @input=${this.#onNoteInput} @keydown=${this.#onNoteKey}></textarea></div>
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
