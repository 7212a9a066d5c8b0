import { css, html, LitElement } from 'lit'
import { act } from '../client/call-control.ts'
import { type Client, ClientController } from '../client/client.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { define } from './define.ts'

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const
const SHOWN = 24
/** What the server takes at once. */
const MOST = 32

/** The keypad for voice menus: tones go out in the order of pressing, shown once the server took them. */
export class RingsideKeypad extends LitElement {
  static override properties = {
    client: { attribute: false },
    callId: { attribute: false },
    sent: { state: true },
    waiting: { state: true },
  }
  declare client: Client | null
  declare callId: string
  declare sent: string
  /** Pressed, and not yet sent or answered. */
  declare waiting: string
  #isSending = false

  constructor() {
    super()
    this.client = null
    this.callId = ''
    this.sent = ''
    this.waiting = ''
    new ClientController(this)
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLElement>('.keys button')?.focus()
  }

  #press(key: string): void {
    this.waiting += key
    void this.#send()
  }

  /** One request at a time, or tones would overtake each other. */
  async #send(): Promise<void> {
    const { client, callId } = this
    if (this.#isSending || client === null) return
    this.#isSending = true
    while (this.waiting !== '') {
      const digits = this.waiting.slice(0, MOST)
      const isTaken = await act(client, callId, { name: 'dtmf', digits }).then(
        () => true,
        () => false,
      )
      // What was pressed after a tone that did not go out would be wrong without it.
      this.waiting = isTaken ? this.waiting.slice(digits.length) : ''
      if (isTaken) this.sent = `${this.sent}${digits}`.slice(-SHOWN)
    }
    this.#isSending = false
  }

  readonly #onKey = (event: KeyboardEvent) => {
    const isKey = KEYS.some((one) => one === event.key)
    if (!isKey || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    event.stopPropagation()
    this.#press(event.key)
  }

  protected override render() {
    const { sent, waiting } = this
    return html`<div class="stack" role="group" aria-label=${t('keypad.label')} @keydown=${this.#onKey}>
      <p class="sent num" role="status" aria-label=${t('keypad.sent')} dir="ltr">${
        sent + waiting === ''
          ? html`<span class="small muted">${t('keypad.hint')}</span>`
          : html`${sent}<span class="muted">${waiting}</span>`
      }</p>
      <div class="keys" dir="ltr">${KEYS.map(
        (key) => html`<button class="num" @click=${() => this.#press(key)}>${key}</button>`,
      )}</div>
    </div>`
  }

  static override styles = [
    ...shared,
    css`
      .sent { min-block-size: 24px; overflow: hidden; text-align: center; white-space: nowrap; letter-spacing: 0.08em; }
      .sent .small { letter-spacing: 0; }
      .keys { display: grid; grid-template-columns: repeat(3, 1fr); gap: var(--_2); max-inline-size: 240px; inline-size: 100%; align-self: center; }
      .keys button { min-block-size: calc(var(--_1) * 10); font-size: var(--_title); }
    `,
  ]
}

define('ringside-keypad', RingsideKeypad)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-keypad': RingsideKeypad
  }
}
