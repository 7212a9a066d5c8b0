/** Saving of a form: once at a time, errors at their fields, and it says when it is done. */
import { html, type LitElement, nothing, type TemplateResult } from 'lit'
import { Actions, errorText } from '../elements/action.ts'
import { later } from '../elements/define.ts'
import { t } from '../i18n/t.ts'
import { type FieldErrors, fieldErrors } from './admin-api.ts'

export class Saver {
  readonly #host: LitElement
  readonly #actions: Actions
  #isSaved = false

  constructor(host: LitElement) {
    this.#host = host
    this.#actions = new Actions(host)
  }

  get isBusy(): boolean {
    return this.#actions.isBusy('save')
  }

  /** What the server said of fields, by their path. */
  get errors(): FieldErrors {
    return fieldErrors(this.#actions.failure('save'))
  }

  /** Whatever went wrong with the last saving. */
  get failure(): unknown {
    return this.#actions.failure('save')
  }

  /** Saves; what comes out is undefined where it failed, and the first field with an error has the focus. */
  async run<T>(save: () => Promise<T>): Promise<T | undefined> {
    this.#isSaved = false
    const saved = await this.#actions.run('save', save)
    this.#isSaved = !this.#actions.hasFailed('save')
    this.#host.requestUpdate()
    if (!this.#isSaved) later(this.#showFirst())
    return saved
  }

  /** Somebody is typing again: "saved" is of before. */
  touch(): void {
    this.#isSaved = false
    this.#host.requestUpdate()
  }

  /** Forgets what went wrong. */
  clear(): void {
    this.#isSaved = false
    this.#actions.clear('save')
  }

  async #showFirst(): Promise<void> {
    await this.#host.updateComplete
    this.#host.renderRoot.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }

  /** The end of a form: save, undo, and how it went. `label`: what the button says. */
  bar(isDirty: boolean, onReset: (() => void) | null, label: string = t('settings.save')) {
    return html`<div class="bar">
      <button class="primary" type="submit" aria-busy=${this.isBusy}>${label}</button>
      ${
        isDirty && onReset !== null && !this.isBusy
          ? html`<button class="quiet" type="button" @click=${onReset}>${t('settings.reset')}</button>`
          : nothing
      }
      <span class="green" role="status">${this.#isSaved && !isDirty ? t('settings.saved') : ''}</span>
      ${this.#trouble()}</div>`
  }

  #trouble(): TemplateResult | typeof nothing {
    const { failure } = this
    if (failure === undefined) return nothing
    const hasFields = this.#host.renderRoot.querySelector('[aria-invalid=true]') !== null
    const text = hasFields ? t('settings.checkFields') : errorText(failure)
    return html`<p class="note error small grow" role="alert">${text}</p>`
  }
}
