import { css, html, LitElement, nothing } from 'lit'
import type { Client } from '../client/client.ts'
import { signInAt } from '../client/sign-in.ts'
import { enSignIn } from '../i18n/en-sign-in.ts'
import { addEnglish, t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import { define } from './define.ts'

addEnglish(enSignIn)

/** The quiet way out for who signed in by a personal link; nothing for agents of the page. */
export class RingsideSignOut extends LitElement {
  static override properties = { client: { attribute: false } }
  declare client: Client | null
  readonly #actions = new Actions(this)

  constructor() {
    super()
    this.client = null
  }

  readonly #onClick = () => {
    const server = this.client?.api.server
    if (server !== undefined) void this.#actions.run('out', () => signInAt(server).signOut())
  }

  protected override render() {
    if (this.client?.api.signsIn !== true) return nothing
    return html`<button class="small" aria-busy=${this.#actions.isBusy('out')} @click=${this.#onClick}>
      ${t('signIn.out')}</button>${this.#actions.error('out')}`
  }

  static override styles = [
    ...shared,
    css`
      button {
        inline-size: 100%; min-block-size: 28px; justify-content: start; padding: 4px 8px;
        border-color: transparent; background: transparent; color: var(--_muted); font-weight: 400;
      }
    `,
  ]
}

define('ringside-sign-out', RingsideSignOut)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-sign-out': RingsideSignOut
  }
}
