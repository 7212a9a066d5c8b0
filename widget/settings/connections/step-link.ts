import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { errorText } from '../../elements/action.ts'
import { define } from '../../elements/define.ts'
import { t } from '../../i18n/t.ts'
import { adminApi, type FieldErrors } from '../admin-api.ts'
import { section } from '../blocks.ts'
import { areaField } from '../form.ts'
import { Saver } from '../saver.ts'
import { settingsStyles } from '../settings-styles.ts'
import { amiForm, ariForm } from './account-forms.ts'
import { AccountTests, type Kind } from './account-tests.ts'
import { type Connection, pathOf } from './contract.ts'
import {
  asksPassword,
  changesOf,
  type Draft,
  draftOf,
  EMPTY_AMI,
  EMPTY_ARI,
  LINK_PARTS,
} from './draft.ts'
import { live } from './live.ts'
import { optionsForm } from './options-form.ts'
import './pbx-socket.ts'
import { isFromPbx } from './state-words.ts'
import { type StepElement, startStep, stepProperties } from './step.ts'
import { checkStyles, checkText, renderCheck } from './test-result.ts'

/** How the PBX tells of its calls: the dialplan always can, accounts can do more (ADMIN-1). */
export class RingsideConnectionLink extends LitElement implements StepElement {
  static override properties = {
    ...stepProperties,
    hasSocket: { state: true },
    pasted: { state: true },
  }
  declare client: StepElement['client']
  declare connection: StepElement['connection']
  declare draft: StepElement['draft']
  declare agents: StepElement['agents']
  declare isGuided: boolean
  declare onDraft: StepElement['onDraft']
  declare onSaved: StepElement['onSaved']
  declare onNext: StepElement['onNext']
  /** Asked for here; null: as the connection has it. */
  declare hasSocket: boolean | null
  /** An `<asterisk … />` element. */
  declare pasted: string
  readonly #saver = new Saver(this)
  readonly #paste = new Saver(this)
  readonly #tests = new AccountTests(this)

  constructor() {
    super()
    startStep(this)
    this.hasSocket = null
    this.pasted = ''
  }

  #change(change: Partial<Draft>): void {
    if (this.draft === null) return
    this.#saver.touch()
    this.onDraft({ ...this.draft, ...change })
  }

  readonly #onSubmit = async (event: Event) => {
    event.preventDefault()
    const { client, draft, connection } = this
    if (client === null || draft === null || connection === null) return
    const body = changesOf(draft, connection, LINK_PARTS)
    if (body !== null) {
      const saved = await this.#saver.run(() =>
        adminApi(client).patch<Connection>(pathOf(connection.id), body),
      )
      if (saved === undefined) return
      this.onSaved(saved, LINK_PARTS)
    }
    if (this.isGuided || body === null) this.onNext?.()
  }

  readonly #onPaste = async () => {
    const { client, connection, pasted } = this
    if (client === null || connection === null) return
    const saved = await this.#paste.run(() =>
      adminApi(client).patch<Connection>(pathOf(connection.id), { options: pasted }),
    )
    if (saved === undefined) return
    this.pasted = ''
    this.onSaved(saved, LINK_PARTS)
  }

  get #errors(): FieldErrors {
    return { ...this.#tests.errors, ...this.#saver.errors }
  }

  protected override render() {
    const { draft, connection } = this
    if (draft === null || connection === null) return nothing
    const isDirty = changesOf(draft, connection, LINK_PARTS) !== null
    return html`<form novalidate @submit=${this.#onSubmit}>
      ${section(
        { title: t('conn.step.link'), text: t('conn.linkText') },
        html`<ul class="ways">
          <li class="way on"><p class="strong">${t('conn.webhook')} <span class="tag green">${t('conn.always')}</span></p>
            <p class="muted">${t('conn.webhookAbout')}</p></li>
          ${this.#renderWay(
            'ami',
            draft.ami !== null,
            (isOn) => this.#change({ ami: isOn ? (this.#stored.ami ?? EMPTY_AMI) : null }),
            () => this.#renderAmi(draft, connection),
          )}
          ${this.#renderWay(
            'ari',
            draft.ari !== null,
            (isOn) => this.#change({ ari: isOn ? (this.#stored.ari ?? EMPTY_ARI) : null }),
            () => this.#renderAri(draft, connection),
          )}
          ${draft.ari === null ? this.#renderSocket(connection) : nothing}</ul>`,
      )}
      ${draft.ami === null ? nothing : this.#renderOptions(draft)}
      ${this.#saver.bar(isDirty, null, t(this.isGuided ? (isDirty ? 'conn.saveNext' : 'conn.next') : 'settings.save'))}
    </form>
    ${this.#renderPaste()}`
  }

  /** What was stored comes back when it is switched on again. */
  get #stored(): Pick<Draft, Kind> {
    const { connection } = this
    return connection === null ? { ari: null, ami: null } : draftOf(connection)
  }

  #renderWay(
    kind: Kind,
    isOn: boolean,
    onChange: (isOn: boolean) => void,
    form: () => TemplateResult,
  ): TemplateResult {
    return html`<li class="way ${isOn ? 'on' : ''}">
      <label class="check strong"><input type="checkbox" name="use-${kind}" aria-describedby="about-${kind}" .checked=${isOn}
        @change=${(event: Event) => onChange((event.target as HTMLInputElement).checked)}>
        <span>${t(`conn.${kind}`)}</span></label>
      <p class="muted indent" id="about-${kind}">${t(`conn.${kind}About`)}</p>
      ${isOn ? html`<div class="stack account" @change=${() => this.#tests.testIfNew(kind)}>${form()}${this.#renderTest(kind)}</div>` : nothing}</li>`
  }

  #renderAri(draft: Draft, connection: Connection): TemplateResult {
    const account = draft.ari ?? EMPTY_ARI
    return ariForm({
      account,
      errors: this.#errors,
      hasPassword: connection.ari !== null,
      asksAgain: connection.ari !== null && asksPassword('ari', draft, connection),
      onChange: (change) => this.#change({ ari: { ...account, ...change } }),
    })
  }

  #renderAmi(draft: Draft, connection: Connection): TemplateResult {
    const account = draft.ami ?? EMPTY_AMI
    return amiForm({
      account,
      errors: this.#errors,
      hasPassword: connection.ami !== null,
      asksAgain: connection.ami !== null && asksPassword('ami', draft, connection),
      onChange: (change) => this.#change({ ami: { ...account, ...change } }),
    })
  }

  #renderTest(kind: Kind): TemplateResult {
    const check = this.#tests.check(kind)
    const isBusy = this.#tests.isBusy(kind)
    const failure = this.#tests.failure(kind)
    const text = isBusy ? t('conn.testing') : check === null ? '' : checkText(check)
    return html`<div class="stack test" data-test=${kind}>
      <div class="row"><button type="button" class="try" aria-busy=${isBusy} ?disabled=${!this.#tests.canTest(kind)}
        @click=${() => this.#tests.test(kind)}>${t('conn.test')}</button>
        <span class="small muted">${isBusy ? t('conn.testing') : this.#tests.canTest(kind) ? '' : t('conn.testWaits')}</span></div>
      ${live(text)}
      ${check === null ? nothing : renderCheck(check)}
      ${failure === undefined ? nothing : html`<p class="note error small" role="alert">${errorText(failure)}</p>`}</div>`
  }

  #renderSocket(connection: Connection): TemplateResult {
    const isOn = this.hasSocket ?? isFromPbx(connection)
    return html`<li class="way ${isOn ? 'on' : ''}">
      <label class="check strong"><input type="checkbox" name="use-socket" aria-describedby="about-socket" .checked=${isOn}
        @change=${(event: Event) => {
          this.hasSocket = (event.target as HTMLInputElement).checked
        }}><span>${t('conn.ariSocket')}</span></label>
      <p class="muted indent" id="about-socket">${t('conn.socketAbout')}</p>
      ${isOn ? html`<ringside-pbx-socket class="account" .client=${this.client} .connection=${connection}></ringside-pbx-socket>` : nothing}</li>`
  }

  #renderOptions(draft: Draft): TemplateResult {
    const errors = this.#errors
    const hasError = Object.keys(errors).some((path) => path.startsWith('options.'))
    return html`<details class="more" ?open=${hasError}><summary>${t('conn.options')}</summary>
      <div class="stack wide"><p class="about">${t('conn.optionsText')}</p>
        ${optionsForm(draft.options, errors, (options) => this.#change({ options }))}</div></details>`
  }

  #renderPaste(): TemplateResult {
    const { failure, errors } = this.#paste
    const other = Object.entries(errors).filter(([path]) => path !== 'options')
    return html`<details class="more paste"><summary>${t('conn.paste')}</summary>
      <div class="stack wide">${areaField({
        name: 'options',
        label: t('conn.pasteLabel'),
        hint: t('conn.pasteHint'),
        placeholder: '<asterisk url="pbx.example.com" port="5038" userName="…" secret="…" />',
        rows: 4,
        isCode: true,
        value: this.pasted,
        errors,
        onInput: (text) => {
          this.pasted = text
        },
      })}
      ${other.map(([path, message]) => html`<p class="bad" role="alert"><code dir="ltr">${path}</code> ${message}</p>`)}
      ${failure !== undefined && Object.keys(errors).length === 0 ? html`<p class="note error small" role="alert">${errorText(failure)}</p>` : nothing}
      <p><button type="button" aria-busy=${this.#paste.isBusy} ?disabled=${this.pasted.trim() === ''} @click=${this.#onPaste}>${t('conn.pasteTake')}</button></p></div></details>`
  }

  static override styles = [
    ...settingsStyles,
    checkStyles,
    css`
      .ways { display: flex; flex-direction: column; gap: var(--_3); }
      .way { padding: var(--_3) var(--_4); border: 1px solid var(--_border); border-radius: var(--_radius); }
      .way.on { border-color: var(--_accent); }
      .way > .check { font-size: 1em; font-weight: 600; color: var(--_text); }
      .account { gap: var(--_4); margin-block-start: var(--_4); padding-block-start: var(--_4); border-block-start: 1px solid var(--_border); }
      .wide { gap: var(--_4); padding-block-start: var(--_3); }
      summary { min-block-size: 24px; cursor: pointer; font-weight: 500; }
      .file { padding-block-start: var(--_2); }
      .amber { color: var(--_amber); }
      .paste { margin-block-start: calc(var(--_1) * 6); }
    `,
  ]
}

define('ringside-connection-link', RingsideConnectionLink)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-connection-link': RingsideConnectionLink
  }
}
