import { html, LitElement } from 'lit'
import { define } from '../elements/define.ts'
import { controls } from '../elements/form-styles.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'

/** Copies a text and says that it did: `<ringside-settings-copy .text=${url}>`. */
export class RingsideSettingsCopy extends LitElement {
  static override properties = {
    text: { attribute: false },
    label: { attribute: false },
    done: { state: true },
  }
  declare text: string
  /** What the button says; "Copy". */
  declare label: string
  declare done: 'copied' | 'failed' | null

  constructor() {
    super()
    this.text = ''
    this.label = ''
    this.done = null
  }

  readonly #onClick = async () => {
    try {
      await navigator.clipboard.writeText(this.text)
      this.done = 'copied'
    } catch {
      // Plain http has no clipboard, and some pages do not let their parts use it.
      this.done = this.#copyOld() ? 'copied' : 'failed'
    }
  }

  #copyOld(): boolean {
    const area = document.createElement('textarea')
    area.className = 'sr'
    area.value = this.text
    this.renderRoot.append(area)
    area.select()
    const isCopied = document.execCommand('copy')
    area.remove()
    this.renderRoot.querySelector('button')?.focus()
    return isCopied
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('text')) this.done = null
  }

  protected override render() {
    const { done } = this
    const label = this.label || t('settings.copy')
    return html`<button type="button" @click=${this.#onClick}>${done === 'copied' ? t('settings.copied') : label}</button>
      <span class="sr" role="status">${done === null ? '' : t(done === 'copied' ? 'settings.copied' : 'settings.copyFailed')}</span>
      ${done === 'failed' ? html`<span class="small muted" aria-hidden="true">${t('settings.copyFailed')}</span>` : ''}`
  }

  static override styles = [...shared, controls]
}

define('ringside-settings-copy', RingsideSettingsCopy)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-copy': RingsideSettingsCopy
  }
}
