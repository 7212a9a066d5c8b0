import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import type { Client } from '../../client/client.ts'
import { Actions } from '../../elements/action.ts'
import { define } from '../../elements/define.ts'
import { plain } from '../../format.ts'
import { fullTime, when } from '../../format-time.ts'
import { t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { table } from '../blocks.ts'
import { confirmAction } from '../confirm.ts'
import '../copy-button.ts'
import { Loader } from '../loader.ts'
import { settingsStyles } from '../settings-styles.ts'
import { type Browser, browserName, type SignInLink } from './people-contract.ts'

/** The personal links of somebody, and the browsers that are signed in by them (EMBED-7). */
export class RingsideSettingsLinks extends LitElement {
  static override properties = {
    client: { attribute: false },
    personId: { attribute: false },
    link: { state: true },
  }
  declare client: Client | null
  declare personId: string
  /** Shown this once. */
  declare link: SignInLink | null
  readonly #actions = new Actions(this)
  readonly #browsers = new Loader<readonly Browser[]>(this, (api) =>
    api.list(`/api/agents/${this.personId}/sign-ins`),
  )

  constructor() {
    super()
    this.client = null
    this.personId = ''
    this.link = null
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('personId') || !this.hasUpdated) return
    this.link = null
    this.#browsers.value = undefined
    void this.#browsers.reload()
  }

  readonly #onMake = async () => {
    const { client, personId } = this
    if (client === null) return
    const link = await this.#actions.run('link', () =>
      adminApi(client).post<SignInLink>(`/api/agents/${personId}/sign-in-link`),
    )
    if (link === undefined || personId !== this.personId) return
    this.link = link
    await this.updateComplete
    this.renderRoot.querySelector<HTMLInputElement>('#link')?.select()
  }

  async #end(path: string, key: string): Promise<void> {
    const { client } = this
    if (client === null) return
    await this.#actions.run(key, async () => {
      await adminApi(client).delete(`/api/agents/${this.personId}/sign-ins${path}`)
      if (path === '') this.link = null
      await this.#browsers.reload()
    })
  }

  readonly #onEndAll = async () => {
    const isSure = await confirmAction(this, {
      title: t('people.signOutAllTitle'),
      text: t('people.signOutAllText'),
      action: t('people.signOutAll'),
    })
    if (isSure) await this.#end('', 'all')
  }

  protected override render() {
    return html`<div class="stack">
      ${this.link === null ? nothing : this.#renderLink(this.link)}
      <div><button aria-busy=${this.#actions.isBusy('link')} @click=${this.#onMake}>${t('people.makeLink')}</button></div>
      ${this.#actions.error('link')}
      <h4>${t('people.browsers')}</h4>
      ${this.#browsers.show((browsers) => this.#renderBrowsers(browsers))}
      <div><button aria-busy=${this.#actions.isBusy('all')} @click=${this.#onEndAll}>${t('people.signOutAll')}</button></div>
      ${this.#actions.error('all')}${this.#actions.error('one')}
    </div>`
  }

  #renderLink({ url, expiresAt }: SignInLink) {
    return html`<div class="note" role="status"><label for="link">${t('people.link')}</label>
      <div class="copy-line"><input id="link" class="code" dir="ltr" readonly .value=${url}
          @focus=${(event: Event) => (event.target as HTMLInputElement).select()}>
        <ringside-settings-copy .text=${url}></ringside-settings-copy></div>
      <p class="hint">${t('people.linkUntil', { time: fullTime(expiresAt) })}</p></div>`
  }

  #renderBrowsers(browsers: readonly Browser[]) {
    if (browsers.length === 0) return html`<p class="muted">${t('people.noBrowser')}</p>`
    const now = this.client?.now() ?? 0
    const time = (at: string | null) =>
      at === null ? t('people.never') : html`<span title=${fullTime(at)}>${when(at, now)}</span>`
    return table(
      t('people.browsers'),
      [
        {
          label: t('people.browser'),
          cell: (one: Browser) =>
            html`${browserName(one.userAgent)}${one.holdsFor === 'tab' ? html` <span class="tag">${t('people.tab')}</span>` : nothing}`,
        },
        { label: t('people.page'), cell: (one) => html`<bdi>${plain(one.origin ?? '')}</bdi>` },
        { label: t('people.since'), cell: (one) => time(one.createdAt) },
        { label: t('people.used'), cell: (one) => time(one.usedAt) },
        {
          label: t('people.signOut'),
          isActions: true,
          cell: (
            one,
          ) => html`<button class="quiet small" aria-label=${t('people.signOutBrowser', { browser: browserName(one.userAgent) })}
            @click=${() => this.#end(`/${one.id}`, 'one')}>${t('people.signOut')}</button>`,
        },
      ],
      browsers,
    )
  }

  static override styles = [
    ...settingsStyles,
    css`
      .stack { gap: var(--_3); }
      h4 { margin-block-start: var(--_2); }
    `,
  ]
}

define('ringside-settings-links', RingsideSettingsLinks)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-links': RingsideSettingsLinks
  }
}
