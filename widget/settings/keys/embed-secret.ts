import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { InferOutput } from 'valibot'
import type { embedSecretSchema, revealedSecretSchema } from '../../../server/http/setup-schemas.ts'
import type { Client } from '../../client/client.ts'
import { Actions } from '../../elements/action.ts'
import { define } from '../../elements/define.ts'
import { fullTime, when } from '../../format-time.ts'
import { t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { section } from '../blocks.ts'
import { confirmAction } from '../confirm.ts'
import { Loader } from '../loader.ts'
import { secretLine } from '../secret-line.ts'
import { settingsStyles } from '../settings-styles.ts'
import { SNIPPETS, type Snippet, scriptTag } from './snippets.ts'

type About = InferOutput<typeof embedSecretSchema>
type Revealed = InferOutput<typeof revealedSecretSchema>

const PATH = '/api/settings/embed-secret'

/** The secret by which a helpdesk signs who its agents are, and what to do with it there (EMBED-7). */
export class RingsideSettingsEmbedSecret extends LitElement {
  static override properties = {
    client: { attribute: false },
    secret: { state: true },
    snippet: { state: true },
  }
  declare client: Client | null
  /** Shown, after somebody asked for it. */
  declare secret: string | null
  declare snippet: Snippet | undefined
  readonly #actions = new Actions(this)
  readonly #about = new Loader<About>(this, (api) => api.get(PATH))

  constructor() {
    super()
    this.client = null
    this.secret = null
    this.snippet = SNIPPETS[0]
  }

  async #reveal(): Promise<void> {
    const { client } = this
    if (client === null) return
    const found = await this.#actions.run('reveal', () =>
      adminApi(client).post<Revealed>(`${PATH}/reveal`),
    )
    this.secret = found?.secret ?? null
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('#embed-secret')?.focus()
  }

  async #rotate(): Promise<void> {
    const { client } = this
    const isSure = await confirmAction(this, {
      title: t('embed.rotateTitle'),
      text: t('embed.rotateText'),
      action: t('embed.rotate'),
    })
    if (!isSure || client === null) return
    const about = await this.#actions.run('change', () =>
      adminApi(client).post<About>(`${PATH}/rotate`),
    )
    if (about === undefined) return
    // Until the new one is here none is shown: the old one would be taken for it.
    this.secret = null
    this.#about.value = about
    await this.#reveal()
  }

  async #endReplaced(): Promise<void> {
    const { client } = this
    const isSure = await confirmAction(this, {
      title: t('embed.endTitle'),
      text: t('embed.endText'),
      action: t('embed.end'),
    })
    if (!isSure || client === null) return
    const done = await this.#actions.run('change', async () => {
      await adminApi(client).delete(`${PATH}/replaced`)
      return true
    })
    if (done) await this.#about.reload()
  }

  protected override render() {
    return section(
      { title: t('embed.title'), text: t('embed.about') },
      this.#about.show((about) => html`${this.#renderState(about)}${this.#renderSetUp(about)}`),
    )
  }

  #renderState(about: About): TemplateResult {
    const isFixed = about.origin === 'environment'
    const { secret } = this
    return html`
      <p>${isFixed ? t('embed.fromEnvironment') : this.#madeAt(about)}</p>
      ${
        secret === null
          ? nothing
          : secretLine({ id: 'embed-secret', label: t('embed.title'), secret })
      }
      <div class="row wrapping">
        ${
          secret === null
            ? html`<button aria-busy=${this.#actions.isBusy('reveal')} @click=${() => this.#reveal()}>${t('embed.reveal')}</button>`
            : html`<button @click=${() => {
                this.secret = null
              }}>${t('embed.hide')}</button>`
        }
        ${
          isFixed
            ? nothing
            : html`<button aria-busy=${this.#actions.isBusy('change')} @click=${() => this.#rotate()}>${t('embed.rotate')}…</button>`
        }
      </div>
      ${this.#actions.error('reveal')}${this.#actions.error('change')}
      ${about.replaced.length === 0 ? nothing : this.#renderReplaced(about)}`
  }

  #madeAt({ madeAt }: About): TemplateResult {
    const at = madeAt ?? ''
    return html`<span title=${fullTime(at)}>${t('embed.madeAt', { at: when(at, this.client?.now() ?? 0) })}</span>`
  }

  #renderReplaced({ replaced }: About): TemplateResult {
    const until = replaced[0]?.worksUntil ?? ''
    const at = when(until, this.client?.now() ?? 0)
    return html`<div class="note warn stack" role="status">
      <p>${t('embed.replaced', { count: replaced.length, at })}</p>
      <button class="small start" aria-busy=${this.#actions.isBusy('change')} @click=${() => this.#endReplaced()}>${t('embed.end')}…</button></div>`
  }

  #renderSetUp({ serverUrl }: About): TemplateResult {
    const server = new URL(this.client?.api.server || location.origin, location.href).origin
    const tag = scriptTag(server)
    return html`<div class="steps">
      <h4>${t('embed.step1')}</h4>
      <p class="about">${t('embed.step1Text')}</p>
      ${this.#renderSnippets()}
      <h4>${t('embed.step2')}</h4>
      <p class="about">${t('embed.step2Text', { path: '/ringside-token' })}</p>
      <h4>${t('embed.step3')}</h4>
      <p class="about">${t('embed.step3Text')}</p>
      <div class="code-block"><pre tabindex="0" aria-label=${t('embed.step3')}>${tag}</pre>
        <ringside-settings-copy .text=${tag}></ringside-settings-copy></div>
      ${
        new URL(serverUrl).origin === server
          ? nothing
          : html`<p class="hint">${t('embed.otherUrl', { here: server, there: serverUrl })}</p>`
      }</div>`
  }

  #renderSnippets(): TemplateResult {
    const shown = this.snippet
    const choose = (
      snippet: Snippet,
    ) => html`<label class="check"><input type="radio" name="snippet"
      .checked=${snippet === shown} @change=${() => {
        this.snippet = snippet
      }}><span>${snippet.label}</span></label>`
    return html`<fieldset class="row wrapping languages"><legend class="sr">${t('embed.language')}</legend>${SNIPPETS.map(choose)}</fieldset>
      <div class="code-block"><pre tabindex="0" aria-label="${t('embed.step1')}: ${shown?.label}">${shown?.code}</pre>
        <ringside-settings-copy .text=${shown?.code}></ringside-settings-copy></div>`
  }

  static override styles = [
    ...settingsStyles,
    css`
      .part, .steps { display: flex; flex-direction: column; gap: var(--_3); }
      .steps { margin-block-start: var(--_3); }
      .steps h4:not(:first-child) { margin-block-start: var(--_2); }
      .wrapping { flex-wrap: wrap; }
      .languages { gap: var(--_1) var(--_4); }
      .start { align-self: start; }
      .code-block { display: flex; flex-direction: column; align-items: start; gap: var(--_2); }
      .code-block pre { inline-size: 100%; }
    `,
  ]
}

define('ringside-settings-embed-secret', RingsideSettingsEmbedSecret)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-embed-secret': RingsideSettingsEmbedSecret
  }
}
