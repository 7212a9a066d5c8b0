import { css, html, LitElement, nothing } from 'lit'
import { ApiError } from '../client/api.ts'
import { type Client, ClientController } from '../client/client.ts'
import { holdsForTab, signInAt } from '../client/sign-in.ts'
import { enSignIn } from '../i18n/en-sign-in.ts'
import { addEnglish, t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions, errorText } from './action.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'

addEnglish(enSignIn)

/** Takes the personal link of an agent whose helpdesk gives no token (EMBED-7). */
export class RingsideSignIn extends LitElement {
  static override properties = { client: { attribute: false } }
  declare client: Client | null
  readonly #actions = new Actions(this)

  constructor() {
    super()
    this.client = null
    new ClientController(this)
  }

  override focus(): void {
    this.renderRoot.querySelector('input')?.focus()
  }

  readonly #onInput = () => this.#actions.clear('sign-in')

  readonly #onSubmit = async (event: SubmitEvent) => {
    event.preventDefault()
    const { client } = this
    const field = this.renderRoot.querySelector('input')
    if (client === null || field === null) return
    if (field.value.trim() === '') return field.focus()
    const { value } = field
    await this.#actions.run('sign-in', () => signInAt(client.api.server).useLink(value))
    // A used link in the field would only be tried again.
    if (!this.#actions.hasFailed('sign-in')) field.value = ''
    else field.focus()
  }

  protected override render() {
    const { client } = this
    if (client === null) return nothing
    const { server } = client.api
    const isBusy = this.#actions.isBusy('sign-in')
    const isEnded = signInAt(server).state === 'ended'
    return html`<form class="stack" @submit=${this.#onSubmit}>
      <h2>${t('signIn.title')}</h2>
      ${isEnded ? html`<p class="note warn">${t('signIn.ended')}</p>` : html`<p>${t('signIn.how')}</p>`}
      <div><label for="link">${t('signIn.link')}</label>
        <input id="link" dir="ltr" inputmode="url" autocomplete="off" autocapitalize="off" spellcheck="false"
          maxlength="1000" placeholder="${server}/sign-in#…" aria-describedby="keeps"
          aria-invalid=${this.#actions.hasFailed('sign-in')} @input=${this.#onInput}></div>
      ${this.#renderError(server)}
      <button class="primary" aria-busy=${isBusy} ?disabled=${isBusy}>${t('signIn.go')}</button>
      <p id="keeps" class="small muted">${t(holdsForTab() ? 'signIn.keepsTab' : 'signIn.keeps')}</p>
    </form>`
  }

  #renderError(server: string) {
    if (!this.#actions.hasFailed('sign-in')) return nothing
    const error = this.#actions.failure('sign-in')
    const status = error instanceof ApiError ? error.status : null
    const text =
      status === 400
        ? t('signIn.notLink', { example: `${server}/sign-in#…` })
        : status === 401
          ? t('signIn.used')
          : errorText(error)
    return html`<p class="note error small wrap" role="alert">${text}</p>`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: block; }
      .stack { gap: 12px; }
    `,
  ]
}

define('ringside-sign-in', RingsideSignIn)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-sign-in': RingsideSignIn
  }
}
