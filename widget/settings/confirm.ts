import { css, html, LitElement, nothing } from 'lit'
import { define } from '../elements/define.ts'
import { controls } from '../elements/form-styles.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'

export interface ConfirmOptions {
  readonly title: string
  readonly text: unknown
  /** What the button says that does it. */
  readonly action: string
  /** What the other button says. */
  readonly cancel?: string
  /** Must be typed first. */
  readonly word?: string
}

/** Asks before what cannot be undone; the focus comes back to where it was. */
export function confirmAction(host: LitElement, options: ConfirmOptions): Promise<boolean> {
  const asking = document.createElement('ringside-settings-confirm')
  asking.options = options
  host.renderRoot.append(asking)
  return asking.answer
}

/** A question over the page, with two answers. */
export class RingsideSettingsConfirm extends LitElement {
  static override properties = { options: { attribute: false }, typed: { state: true } }
  declare options: ConfirmOptions | null
  declare typed: string
  readonly #answer = Promise.withResolvers<boolean>()
  #before: HTMLElement | null = null

  constructor() {
    super()
    this.options = null
    this.typed = ''
  }

  get answer(): Promise<boolean> {
    return this.#answer.promise
  }

  protected override firstUpdated(): void {
    const root = this.getRootNode()
    if (root instanceof ShadowRoot) this.#before = root.activeElement as HTMLElement | null
    this.renderRoot.querySelector('dialog')?.showModal()
    this.renderRoot.querySelector<HTMLElement>('input, .cancel')?.focus()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#answer.resolve(false)
  }

  #close(isYes: boolean): void {
    this.#answer.resolve(isYes)
    this.renderRoot.querySelector('dialog')?.close()
    this.remove()
    this.#before?.focus()
  }

  readonly #onSubmit = (event: Event) => {
    event.preventDefault()
    const word = this.options?.word
    if (word === undefined || this.typed.trim() === word) this.#close(true)
    else this.renderRoot.querySelector('input')?.focus()
  }
  readonly #onCancel = (event: Event) => {
    event.preventDefault()
    this.#close(false)
  }
  readonly #onInput = (event: Event) => {
    this.typed = (event.target as HTMLInputElement).value
  }

  protected override render() {
    const { options } = this
    if (options === null) return nothing
    const { title, text, action, cancel = t('settings.cancel'), word } = options
    return html`<dialog aria-labelledby="title" aria-describedby="text" @cancel=${this.#onCancel}>
      <form @submit=${this.#onSubmit}>
        <h2 id="title">${title}</h2>
        <div id="text">${text}</div>
        ${
          word === undefined
            ? nothing
            : html`<div><label for="word">${t('settings.typeToConfirm', { word })}</label>
              <input id="word" dir="auto" autocomplete="off" .value=${this.typed} @input=${this.#onInput}></div>`
        }
        <div class="answers">
          <button class="cancel" type="button" @click=${() => this.#close(false)}>${cancel}</button>
          <button class="danger" type="submit" ?disabled=${word !== undefined && this.typed.trim() !== word}>${action}</button>
        </div>
      </form></dialog>`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      dialog {
        inline-size: min(30em, calc(100vi - 32px)); max-block-size: calc(100vb - 32px); padding: var(--_4); overflow: auto; border: 1px solid var(--_border);
        border-radius: var(--_radius); background: var(--_background); color: var(--_text); box-shadow: var(--_shadow);
      }
      dialog::backdrop { background: rgb(0 0 0 / 0.4); }
      form { display: flex; flex-direction: column; gap: var(--_3); }
      .answers { display: flex; flex-wrap: wrap; justify-content: end; gap: var(--_2); }
      .danger { border-color: var(--_red); color: var(--_red); }
    `,
  ]
}

define('ringside-settings-confirm', RingsideSettingsConfirm)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-confirm': RingsideSettingsConfirm
  }
}
