import { html, LitElement } from 'lit'
import type { Client } from '../../client/client.ts'
import { define } from '../../elements/define.ts'
import { enAdmin } from '../../i18n/settings/en-admin.ts'
import { addEnglish } from '../../i18n/t.ts'
import { goTo, pageProperties, type SettingsPage } from '../page.ts'
import { settingsStyles } from '../settings-styles.ts'
import './erase.ts'
import './erasure.ts'
import type { RingsideSettingsRetention } from './retention.ts'
import './retention.ts'

addEnglish(enAdmin)

/** Who is to be forgotten, and how long things are kept (SAFE-9). */
export class RingsideSettingsPrivacy extends LitElement implements SettingsPage {
  static override properties = pageProperties
  declare client: Client | null
  declare path: readonly string[]

  constructor() {
    super()
    this.client = null
    this.path = []
  }

  get hasUnsaved(): boolean {
    return (
      this.renderRoot.querySelector<RingsideSettingsRetention>('ringside-settings-retention')
        ?.hasUnsaved ?? false
    )
  }

  protected override render() {
    // What was begun stands in the address: a page that is loaded again shows how far it is.
    const [id] = this.path
    return html`${
      id === undefined
        ? html`<ringside-settings-erase class="part" .client=${this.client}
            @ringside-erasure=${({ detail }: CustomEvent<string>) => goTo(this, ['privacy', detail])}></ringside-settings-erase>`
        : html`<ringside-settings-erasure class="part" .client=${this.client} .erasureId=${id}
            @ringside-erasure-read=${() => goTo(this, ['privacy'])}></ringside-settings-erasure>`
    }
    <ringside-settings-retention class="part" .client=${this.client}></ringside-settings-retention>`
  }

  static override styles = settingsStyles
}

define('ringside-settings-privacy', RingsideSettingsPrivacy)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-privacy': RingsideSettingsPrivacy
  }
}
