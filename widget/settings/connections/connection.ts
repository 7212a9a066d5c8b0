import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { ApiError } from '../../client/api.ts'
import type { Client } from '../../client/client.ts'
import { Actions, errorText } from '../../elements/action.ts'
import { define } from '../../elements/define.ts'
import { icon } from '../../elements/line-icons.ts'
import { plain } from '../../format.ts'
import { t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { section } from '../blocks.ts'
import { confirmAction } from '../confirm.ts'
import { settingsStyles } from '../settings-styles.ts'
import type { Edits } from './assignments.ts'
import './checklist.ts'
import { listStyles, renderTroubles, renderWays } from './connection-list.ts'
import { type Agent, type Connection, pathOf } from './contract.ts'
import type { Draft } from './draft.ts'
import './last-call.ts'
import './log.ts'
import './step-dialplan.ts'
import './step-extensions.ts'
import './step-link.ts'
import './step-pbx.ts'
import { STEPS, type Step, stepAfter } from './steps.ts'

/** One PBX: its state, and the steps from its name to the first pop-up. */
export class RingsideConnection extends LitElement {
  static override properties = {
    client: { attribute: false },
    connection: { attribute: false },
    draft: { attribute: false },
    agents: { attribute: false },
    edits: { attribute: false },
    isGuided: { attribute: false },
    step: { attribute: false },
    onDraft: { attribute: false },
    onEdits: { attribute: false },
    onSaved: { attribute: false },
    onChanged: { attribute: false },
    onDeleted: { attribute: false },
    onReload: { attribute: false },
    onList: { attribute: false },
    onStep: { attribute: false },
  }
  declare client: Client | null
  /** Null: it is being made. */
  declare connection: Connection | null
  declare draft: Draft | null
  declare agents: readonly Agent[]
  declare edits: Edits
  declare isGuided: boolean
  declare step: Step
  declare onDraft: (draft: Draft) => void
  declare onEdits: (edits: Edits) => void
  declare onSaved: (connection: Connection, parts: readonly (keyof Draft)[]) => void
  declare onChanged: (connection: Connection) => void
  declare onDeleted: () => void
  declare onReload: () => void
  declare onList: () => void
  declare onStep: (step: Step) => void
  readonly #actions = new Actions(this)

  constructor() {
    super()
    this.client = null
    this.connection = null
    this.draft = null
    this.agents = []
    this.edits = new Map()
    this.isGuided = false
    this.step = 'pbx'
    const nothingYet = () => undefined
    this.onDraft = nothingYet
    this.onEdits = nothingYet
    this.onSaved = nothingYet
    this.onChanged = nothingYet
    this.onDeleted = nothingYet
    this.onReload = nothingYet
    this.onList = nothingYet
    this.onStep = nothingYet
  }

  /** Another step: who reads with the ears or the keyboard goes on at its beginning. */
  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('step') && changed.get('step') !== undefined) {
      this.renderRoot.querySelector<HTMLElement>('#step')?.focus()
    }
  }

  readonly #onDelete = async () => {
    const { client, connection } = this
    if (client === null || connection === null) return
    const isSure = await confirmAction(this, {
      title: t('conn.deleteTitle', { name: plain(connection.name) }),
      text: t('conn.deleteText'),
      action: t('conn.delete'),
    })
    if (!isSure) return
    await this.#actions.run('delete', async () => {
      await adminApi(client).delete(pathOf(connection.id))
      this.onDeleted()
    })
  }

  protected override render() {
    const { client, connection, draft } = this
    if (client === null || draft === null) return nothing
    return html`<div class="top">
      <button class="link back" @click=${() => this.onList()}>${icon('back')}${t('conn.all')}</button>
      <h3>${connection === null ? t('conn.new') : html`<bdi>${plain(connection.name)}</bdi>`}</h3>
      ${connection === null ? nothing : this.#renderState(client, connection)}
      ${this.#renderSteps()}</div>
      <div id="step" role="group" tabindex="-1" aria-label=${t(`conn.step.${this.step}`)}>${this.#renderStep()}
        ${this.#renderNext()}</div>`
  }

  #renderState(client: Client, connection: Connection): TemplateResult {
    return html`${renderWays(connection, client.now())}
      ${this.isGuided ? nothing : renderTroubles(connection, this.agents, (step) => this.onStep(step), this.step)}`
  }

  #renderSteps(): TemplateResult {
    const { connection } = this
    return html`<nav aria-label=${t('conn.steps')}><ol class="steps">${STEPS.map(
      (step, index) =>
        html`<li><button class="quiet" ?disabled=${connection === null && step !== 'pbx'}
          aria-current=${step === this.step ? 'step' : nothing} title=${t(`conn.step.${step}`)} @click=${() => this.onStep(step)}>
          <span class="number ${this.#isDone(step) ? 'done' : ''}">${this.#isDone(step) ? icon('check') : index + 1}</span>
          <span class="name">${t(`conn.step.${step}`)}${this.#isDone(step) ? html`<span class="sr">, ${t('conn.stepDone')}</span>` : nothing}</span></button></li>`,
    )}</ol></nav>`
  }

  /** What is in order already; the log never is or is not. */
  #isDone(step: Step): boolean {
    const { connection, agents } = this
    if (connection === null) return false
    const { status } = connection
    const isUp = status.ari.state === 'up' || status.ami.state === 'up'
    const hasEvents = status.webhook.lastEventAt !== null
    if (step === 'pbx') return true
    if (step === 'link') return isUp || hasEvents
    if (step === 'dialplan') return hasEvents
    if (step === 'extensions') {
      return agents.some(({ extensions }) =>
        extensions.some(({ connectionId }) => connectionId === connection.id),
      )
    }
    return false
  }

  #renderStep(): unknown {
    const { client, connection, draft, agents, isGuided, step, onDraft, onSaved } = this
    const next = stepAfter(step)
    const onNext = next === null || connection === null ? null : () => this.onStep(next)
    if (connection === null || step === 'pbx') {
      return html`<ringside-connection-pbx .client=${client} .connection=${connection} .draft=${draft}
          .isGuided=${isGuided} .onDraft=${onDraft} .onSaved=${onSaved} .onNext=${onNext}></ringside-connection-pbx>
        ${connection === null ? nothing : this.#renderDelete()}`
    }
    if (step === 'link') {
      return html`<ringside-connection-link .client=${client} .connection=${connection} .draft=${draft}
        .isGuided=${isGuided} .onDraft=${onDraft} .onSaved=${onSaved} .onNext=${onNext}></ringside-connection-link>`
    }
    if (step === 'extensions') {
      return html`<ringside-connection-extensions .client=${client} .connection=${connection} .agents=${agents}
        .edits=${this.edits} .onEdits=${this.onEdits} .onSaved=${this.onReload}></ringside-connection-extensions>`
    }
    if (step === 'dialplan') {
      return html`<ringside-connection-dialplan .client=${client} .connection=${connection}
        .onChanged=${(change: Partial<Connection>) => this.onChanged({ ...connection, ...change })}></ringside-connection-dialplan>`
    }
    if (step === 'check') return this.#renderCheck(connection)
    return html`<ringside-connection-log .client=${client} .connectionId=${connection.id}></ringside-connection-log>`
  }

  #renderCheck({ id }: Connection): TemplateResult {
    return html`${section(
      { title: t('conn.firstCall'), text: t('conn.firstCallText') },
      html`<ringside-last-call .client=${this.client} .connectionId=${id} .agents=${this.agents}></ringside-last-call>`,
    )}
    ${section(
      { title: t('conn.checklist'), text: t('conn.checklistText') },
      html`<ringside-checklist .client=${this.client} .connectionId=${id}></ringside-checklist>`,
    )}`
  }

  /** Forms lead on by being saved; the other steps by this. */
  #renderNext(): TemplateResult | typeof nothing {
    const next = stepAfter(this.step)
    if (next === null || this.connection === null || this.step === 'pbx') return nothing
    if (this.step === 'link' && this.isGuided) return nothing
    return html`<p class="next"><button class=${this.isGuided ? 'primary' : ''} @click=${() => this.onStep(next)}>${t('conn.nextStep', { step: t(`conn.step.${next}`) })}</button></p>`
  }

  #renderDelete(): TemplateResult {
    const error = this.#actions.failure('delete')
    const isUsed = error instanceof ApiError && error.code === 'has-calls'
    return html`<p class="delete"><button class="quiet danger" aria-busy=${this.#actions.isBusy('delete')} @click=${this.#onDelete}>${t('conn.delete')}</button></p>
      ${error === undefined ? nothing : html`<p class="note error" role="alert">${isUsed ? t('conn.hasCalls') : errorText(error)}</p>`}`
  }

  static override styles = [
    ...settingsStyles,
    listStyles,
    css`
      .top { display: flex; flex-direction: column; gap: var(--_3); margin-block-end: var(--_4); }
      .back { align-self: start; }
      .back:dir(rtl) svg { scale: -1 1; }
      h3 { font-size: var(--_name); }
      .steps { display: flex; flex-wrap: wrap; gap: var(--_1); padding-block-end: var(--_2); border-block-end: 1px solid var(--_border); }
      .steps button { padding-inline: var(--_2); font-weight: 400; }
      .steps [aria-current] { background: var(--_accent-soft); color: var(--_accent); font-weight: 500; }
      .number {
        flex: none; display: inline-grid; place-items: center; inline-size: 22px; block-size: 22px; border: 1px solid var(--_field);
        border-radius: 50%; font-size: var(--_small); font-variant-numeric: tabular-nums;
      }
      .number.done { border-color: var(--_green); background: var(--_green); color: var(--_background); }
      .number svg { inline-size: 12px; block-size: 12px; }
      #step:focus { outline: none; }
      .next { margin-block-start: calc(var(--_1) * 6); }
      .delete { margin-block-start: calc(var(--_1) * 6); padding-block-start: var(--_4); border-block-start: 1px solid var(--_border); }
      @container page (max-width: 40em) {
        /* The numbers; of the step that is shown its name, too. */
        .steps { gap: 0; }
        .steps button { padding-inline: var(--_1); }
        .steps button:not([aria-current]) .name { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
      }
      @media (forced-colors: active) { .steps [aria-current] { border-color: Highlight; } }
    `,
  ]
}

define('ringside-connection', RingsideConnection)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-connection': RingsideConnection
  }
}
