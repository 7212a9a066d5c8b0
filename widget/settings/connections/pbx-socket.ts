import { css, html, LitElement, nothing } from 'lit'
import type { Client } from '../../client/client.ts'
import { define } from '../../elements/define.ts'
import { t } from '../../i18n/t.ts'
import { Loader } from '../loader.ts'
import { settingsStyles } from '../settings-styles.ts'
import { fileText } from './account-forms.ts'
import { type Connection, pathOf } from './contract.ts'
import { isLocal } from './webhook-url.ts'

interface Files {
  readonly websocketClientConf: string
  readonly ariConf: string
}

/** What makes an Asterisk 22 open its websocket to Ringside, as text for its files (ARI-4). */
export class RingsidePbxSocket extends LitElement {
  static override properties = { client: { attribute: false }, connection: { attribute: false } }
  declare client: Client | null
  declare connection: Connection | null
  readonly #files = new Loader(this, (api) =>
    api.get<Files>(pathOf(this.connection?.id ?? '', 'websocket')),
  )

  constructor() {
    super()
    this.client = null
    this.connection = null
  }

  protected override render() {
    const { connection } = this
    if (connection === null) return nothing
    return html`<div class="stack">
      ${isLocal(connection.webhookUrl) ? html`<p class="note warn">${t('conn.localUrl')}</p>` : nothing}
      ${this.#files.show(({ websocketClientConf, ariConf }) =>
        [
          {
            file: '/etc/asterisk/websocket_client.conf',
            text: websocketClientConf,
            reload: 'asterisk -rx "module reload res_websocket_client.so"',
          },
          {
            file: '/etc/asterisk/ari.conf',
            text: ariConf,
            reload: 'asterisk -rx "module reload res_ari.so"',
          },
        ].map(fileText),
      )}
      <p class="small muted">${t('conn.socketAfter')}</p></div>`
  }

  static override styles = [
    ...settingsStyles,
    css`
      .stack { gap: var(--_4); }
    `,
  ]
}

define('ringside-pbx-socket', RingsidePbxSocket)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-pbx-socket': RingsidePbxSocket
  }
}
