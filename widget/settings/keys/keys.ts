import { html, LitElement } from 'lit'
import type { Client } from '../../client/client.ts'
import { define } from '../../elements/define.ts'
import { enAdmin } from '../../i18n/settings/en-admin.ts'
import { addEnglish } from '../../i18n/t.ts'
import { pageProperties, type SettingsPage } from '../page.ts'
import { settingsStyles } from '../settings-styles.ts'
import './api-keys.ts'
import './embed-secret.ts'

addEnglish(enAdmin)

/** By which a helpdesk says who its agents are, and other programs say who they are (ADMIN-6). */
export class RingsideSettingsKeys extends LitElement implements SettingsPage {
  static override properties = pageProperties
  declare client: Client | null
  declare path: readonly string[]

  constructor() {
    super()
    this.client = null
    this.path = []
  }

  protected override render() {
    return html`<ringside-settings-embed-secret class="part" .client=${this.client}></ringside-settings-embed-secret>
      <ringside-settings-api-keys class="part" .client=${this.client}></ringside-settings-api-keys>`
  }

  static override styles = settingsStyles
}

define('ringside-settings-keys', RingsideSettingsKeys)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-keys': RingsideSettingsKeys
  }
}
