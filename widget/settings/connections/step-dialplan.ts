import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { ApiError } from '../../client/api.ts'
import type { Client } from '../../client/client.ts'
import { errorText } from '../../elements/action.ts'
import { define } from '../../elements/define.ts'
import { plain } from '../../format.ts'
import { fullTime } from '../../format-time.ts'
import { t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { section } from '../blocks.ts'
import { confirmAction } from '../confirm.ts'
import '../copy-button.ts'
import { selectField } from '../form.ts'
import { Saver } from '../saver.ts'
import { settingsStyles } from '../settings-styles.ts'
import { type Connection, pathOf } from './contract.ts'
import { shortVersion } from './state-words.ts'
import { isLocal } from './webhook-url.ts'

interface Wish {
  readonly flavour: 'gosub' | 'macro'
  readonly encoding: 'uri' | 'raw'
  readonly system: 'plain' | 'freepbx'
  /** '': as the PBX says, else both ways are written. */
  readonly version: string
}

const VERSIONS = ['11', '13', '16', '18', '20', '21', '22', '23'] as const

/** The address that the PBX posts to, and a dialplan that does it (ADMIN-3). */
export class RingsideConnectionDialplan extends LitElement {
  static override properties = {
    client: { attribute: false },
    connection: { attribute: false },
    onChanged: { attribute: false },
    wish: { state: true },
    text: { state: true },
    trouble: { state: true },
    oldWorksUntil: { state: true },
  }
  declare client: Client | null
  declare connection: Connection | null
  declare onChanged: (change: Pick<Connection, 'webhookToken' | 'webhookUrl'>) => void
  declare wish: Wish
  /** Null while it is on its way. */
  declare text: string | null
  declare trouble: unknown
  declare oldWorksUntil: string | null
  readonly #rotation = new Saver(this)
  #loadedFor = ''

  constructor() {
    super()
    this.client = null
    this.connection = null
    this.onChanged = () => undefined
    this.wish = { flavour: 'gosub', encoding: 'uri', system: 'plain', version: '' }
    this.text = null
    this.trouble = null
    this.oldWorksUntil = null
  }

  protected override willUpdate(): void {
    const { client, connection } = this
    if (client === null || connection === null) return
    const path = `${pathOf(connection.id, 'dialplan')}?${this.#query()}`
    const wanted = `${path} ${connection.webhookUrl}`
    if (wanted === this.#loadedFor) return
    this.#loadedFor = wanted
    void this.#load(client, path, wanted)
  }

  #query(): string {
    const { version, ...rest } = this.wish
    return new URLSearchParams(version === '' ? rest : { ...rest, version }).toString()
  }

  async #load(client: Client, path: string, wanted: string): Promise<void> {
    try {
      const text = await adminApi(client).text(path)
      if (wanted !== this.#loadedFor) return
      this.text = text
      this.trouble = null
    } catch (error) {
      if (wanted !== this.#loadedFor) return
      this.text = null
      this.trouble = error
    }
  }

  readonly #onRotate = async () => {
    const { client, connection } = this
    if (client === null || connection === null) return
    const isSure = await confirmAction(this, {
      title: t('conn.rotateTitle'),
      text: t('conn.rotateText'),
      action: t('conn.rotate'),
    })
    if (!isSure) return
    const made = await this.#rotation.run(() =>
      adminApi(client).post<Connection & { oldWorksUntil: string }>(
        pathOf(connection.id, 'rotate-token'),
      ),
    )
    if (made === undefined) return
    this.oldWorksUntil = made.oldWorksUntil
    this.onChanged({ webhookToken: made.webhookToken, webhookUrl: made.webhookUrl })
  }

  readonly #onDownload = () => {
    const url = URL.createObjectURL(new Blob([this.text ?? ''], { type: 'text/plain' }))
    const link = document.createElement('a')
    link.href = url
    link.download =
      this.wish.system === 'freepbx' ? 'extensions_custom.conf' : 'extensions_ringside.conf'
    link.click()
    URL.revokeObjectURL(url)
  }

  protected override render() {
    const { connection } = this
    if (connection === null) return nothing
    return html`${section(
      { title: t('conn.urlTitle'), text: t('conn.urlText') },
      this.#renderUrl(connection),
    )}
    ${section({ title: t('conn.step.dialplan'), text: t('conn.dialplanText') }, html`${this.#renderWish(connection)}${this.#renderText()}`)}`
  }

  #renderUrl({ webhookUrl, error }: Connection): TemplateResult {
    if (webhookUrl === '') return html`<p class="note error">${plain(error ?? '')}</p>`
    const { failure } = this.#rotation
    const reach = `curl -sS -m 5 -X POST '${webhookUrl}'`
    return html`<div class="stack">
      <div class="copy-line"><input class="code" readonly dir="ltr" aria-label=${t('conn.urlTitle')} .value=${webhookUrl}
        @focus=${(event: Event) => (event.target as HTMLInputElement).select()}>
        <ringside-settings-copy .text=${webhookUrl}></ringside-settings-copy></div>
      ${isLocal(webhookUrl) ? html`<p class="note warn">${t('conn.localUrl')}</p>` : nothing}
      <p class="muted small">${t('conn.urlSecret')}</p>
      <details><summary>${t('conn.reach')}</summary><div class="stack tight">
        <p class="about">${t('conn.reachText')}</p>
        <div class="copy-line"><pre class="grow" tabindex="0" aria-label=${t('conn.reach')}>${reach}</pre>
          <ringside-settings-copy .text=${reach}></ringside-settings-copy></div></div></details>
      <div class="row wrap-row"><button type="button" aria-busy=${this.#rotation.isBusy} @click=${this.#onRotate}>${t('conn.rotate')}</button>
        <span role="status">${this.oldWorksUntil === null ? '' : t('conn.oldWorks', { time: fullTime(this.oldWorksUntil) })}</span></div>
      ${failure === undefined ? nothing : html`<p class="note error small" role="alert">${errorText(failure)}</p>`}</div>`
  }

  #renderWish({ status }: Connection): TemplateResult {
    const { wish } = this
    const told = status.ami.version ?? status.ari.version
    const set = (change: Partial<Wish>) => {
      this.wish = { ...wish, ...change }
    }
    return html`<div class="columns">
      ${selectField({
        name: 'system',
        label: t('conn.system'),
        value: wish.system,
        choices: [
          { value: 'plain', label: t('conn.systemPlain') },
          { value: 'freepbx', label: t('conn.systemFreepbx') },
        ],
        onChange: (system) => set({ system: system as Wish['system'] }),
      })}
      ${selectField({
        name: 'version',
        label: t('conn.version'),
        hint: t('conn.versionHint'),
        value: wish.version,
        choices: [
          {
            value: '',
            label:
              told === null
                ? t('conn.versionUnknown')
                : t('conn.versionTold', { version: shortVersion(told) }),
          },
          ...VERSIONS.map((value) => ({ value, label: `Asterisk ${value}` })),
        ],
        onChange: (version) => set({ version }),
      })}
      ${selectField({
        name: 'flavour',
        label: t('conn.flavour'),
        hint: t('conn.flavourHint'),
        value: wish.flavour,
        choices: [
          { value: 'gosub', label: t('conn.flavourGosub') },
          { value: 'macro', label: t('conn.flavourMacro') },
        ],
        onChange: (flavour) => set({ flavour: flavour as Wish['flavour'] }),
      })}
      ${selectField({
        name: 'encoding',
        label: t('conn.encoding'),
        hint: t('conn.encodingHint'),
        value: wish.encoding,
        choices: [
          { value: 'uri', label: t('conn.encodingUri') },
          { value: 'raw', label: t('conn.encodingRaw') },
        ],
        onChange: (encoding) => set({ encoding: encoding as Wish['encoding'] }),
      })}</div>`
  }

  #renderText(): unknown {
    if (this.trouble !== null) {
      const { trouble } = this
      const text =
        trouble instanceof ApiError && trouble.status >= 400 && trouble.status < 500
          ? plain(trouble.errors[0]?.message ?? trouble.message)
          : errorText(trouble)
      return html`<p class="note error" role="alert">${text}</p>`
    }
    if (this.text === null) return html`<p class="muted" role="status">${t('loading')}</p>`
    return html`<div class="row wrap-row">
        <ringside-settings-copy .text=${this.text} .label=${t('conn.copyDialplan')}></ringside-settings-copy>
        <button type="button" class="download" @click=${this.#onDownload}>${t('conn.download')}</button></div>
      <pre class="dialplan" tabindex="0" aria-label=${t('conn.step.dialplan')}>${this.text}</pre>
      <p class="about">${t(this.wish.system === 'freepbx' ? 'conn.whereFreepbx' : 'conn.wherePlain')}
        <code dir="ltr">asterisk -rx "dialplan reload"</code></p>`
  }

  static override styles = [
    ...settingsStyles,
    css`
      .wrap-row { flex-wrap: wrap; }
      .tight { padding-block-start: var(--_2); }
      summary { min-block-size: 24px; cursor: pointer; }
      .copy-line pre { min-inline-size: 0; padding: var(--_2); }
      .dialplan { font-size: var(--_small); }
    `,
  ]
}

define('ringside-connection-dialplan', RingsideConnectionDialplan)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-connection-dialplan': RingsideConnectionDialplan
  }
}
