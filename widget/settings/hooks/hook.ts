import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { Client } from '../../client/client.ts'
import { Actions } from '../../elements/action.ts'
import { define } from '../../elements/define.ts'
import { plain } from '../../format.ts'
import { when } from '../../format-time.ts'
import { t } from '../../i18n/t.ts'
import { type AdminApi, adminApi } from '../admin-api.ts'
import { section } from '../blocks.ts'
import { confirmAction } from '../confirm.ts'
import { Poll } from '../connections/poll.ts'
import { textField } from '../form.ts'
import { Loader } from '../loader.ts'
import { Saver } from '../saver.ts'
import { secretLine } from '../secret-line.ts'
import type { Delivery, Hook } from './contract.ts'
import './deliveries.ts'
import { type Events, eventChoice } from './event-choice.ts'
import { hookStyles } from './hook-styles.ts'
import { health } from './words.ts'

const LOOK_EVERY_MS = 3000

/** One webhook: how it is, what can be done with it, what was sent. */
export class RingsideSettingsHook extends LitElement {
  static override properties = {
    client: { attribute: false },
    hookId: { attribute: false },
    secret: { attribute: false },
    draft: { state: true },
  }
  declare client: Client | null
  declare hookId: string
  /** Shown this once. */
  declare secret: string | null
  /** What is typed; null: as it is kept. */
  declare draft: { readonly url: string; readonly events: Events } | null
  readonly #actions = new Actions(this)
  readonly #saver = new Saver(this)
  readonly #hook = new Loader<Hook>(this, (api) => this.#load(api))
  #isNewSecret = false
  #focused: string | null = null

  constructor() {
    super()
    this.client = null
    this.hookId = ''
    this.secret = null
    this.draft = null
    new Poll(this, () => this.#look(), LOOK_EVERY_MS)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('hookId') || changed.get('hookId') === undefined) return
    this.draft = null
    this.#hook.value = undefined
    void this.#hook.reload()
  }

  protected override updated(): void {
    // A secret that is shown once is what to look at.
    const field = this.renderRoot.querySelector<HTMLElement>('#hook-secret')
    if (field !== null && this.#focused !== this.secret) field.focus()
    if (field !== null) this.#focused = this.secret
  }

  async #load(api: AdminApi): Promise<Hook> {
    return api.get<Hook>(`/api/hooks/${this.hookId}`)
  }

  async #look(): Promise<void> {
    if (this.#hook.value !== undefined) await this.#hook.reload()
  }

  readonly #onSubmit = async (event: Event) => {
    event.preventDefault()
    const { client, draft } = this
    if (client === null || draft === null || draft.events?.length === 0) return
    const body = { url: draft.url.trim(), events: draft.events }
    const saved = await this.#saver.run(async () => {
      await adminApi(client).patch(`/api/hooks/${this.hookId}`, body)
      return true
    })
    if (!saved) return
    this.draft = null
    await this.#hook.reload()
  }

  /** Does something and shows how the webhook is then. */
  async #do(key: string, act: (api: AdminApi, path: string) => Promise<unknown>): Promise<void> {
    const { client, hookId } = this
    if (client === null) return
    await this.#actions.run(key, () => act(adminApi(client), `/api/hooks/${hookId}`))
    await this.#hook.reload()
  }

  #test(): Promise<void> {
    return this.#do('test', async (api, path) => {
      await api.post<Delivery>(`${path}/test`)
      await this.renderRoot.querySelector('ringside-settings-deliveries')?.look()
    })
  }

  async #pause(): Promise<void> {
    const isSure = await confirmAction(this, {
      title: t('hooks.pauseTitle'),
      text: t('hooks.pauseText'),
      action: t('hooks.pause'),
    })
    if (isSure) await this.#enable(false)
  }

  #enable(enabled: boolean): Promise<void> {
    return this.#do('enable', (api, path) => api.patch(path, { enabled }))
  }

  async #rotate(): Promise<void> {
    const isSure = await confirmAction(this, {
      title: t('hooks.rotateTitle'),
      text: t('hooks.rotateText'),
      action: t('hooks.rotateAction'),
    })
    if (!isSure) return
    await this.#do('rotate', async (api, path) => {
      const { secret } = await api.post<{ readonly secret: string }>(`${path}/rotate-secret`)
      this.#isNewSecret = true
      this.secret = secret
    })
  }

  async #delete({ url }: Hook): Promise<void> {
    const { client } = this
    const isSure = await confirmAction(this, {
      title: t('hooks.deleteTitle'),
      text: t('hooks.deleteText', { url: plain(url) }),
      action: t('hooks.delete'),
    })
    if (!isSure || client === null) return
    const isGone = await this.#actions.run('delete', async () => {
      await adminApi(client).delete(`/api/hooks/${this.hookId}`)
      return true
    })
    if (isGone) this.dispatchEvent(new CustomEvent('ringside-hook-gone'))
  }

  protected override render() {
    return this.#hook.show(
      (hook) => html`${section(
        { title: html`<bdi class="url">${plain(hook.url)}</bdi>` as unknown as string },
        html`${this.#renderSecret(hook)}
          <p>${health(hook, this.client?.now() ?? 0)}</p>
          ${this.#renderButtons(hook)}`,
      )}
      <ringside-settings-deliveries class="part" .client=${this.client} .hookId=${this.hookId}></ringside-settings-deliveries>
      ${section({ title: t('hooks.change') }, this.#renderForm(hook))}`,
    )
  }

  #renderSecret({ oldWorksUntil }: Hook): TemplateResult | typeof nothing {
    const { secret } = this
    if (secret === null) {
      return oldWorksUntil === null
        ? nothing
        : html`<p class="note warn">${t('hooks.oldSecret', { at: when(oldWorksUntil, this.client?.now() ?? 0) })}</p>`
    }
    return html`<div class="note ok stack"><p role="status">${t('hooks.secretOnce')}
        ${this.#isNewSecret ? t('hooks.secretNew') : ''}</p>
      ${secretLine({ id: 'hook-secret', label: t('hooks.secret'), secret })}
      <button class="small start" @click=${() => {
        this.secret = null
      }}>${t('hooks.secretKept')}</button></div>`
  }

  #renderButtons(hook: Hook): TemplateResult {
    const isOff = hook.state === 'disabled'
    const button = (key: string, label: string, act: () => unknown, kind = '') =>
      html`<button class=${kind} aria-busy=${this.#actions.isBusy(key)} @click=${act}>${label}</button>`
    return html`<div class="row wrapping">
        ${isOff ? nothing : button('test', t('hooks.test'), () => this.#test(), 'primary')}
        ${
          isOff
            ? button('enable', t('hooks.resume'), () => this.#enable(true), 'primary')
            : button('enable', `${t('hooks.pause')}…`, () => this.#pause())
        }
        ${button('rotate', `${t('hooks.rotate')}…`, () => this.#rotate())}
        ${button('delete', `${t('hooks.delete')}…`, () => this.#delete(hook), 'danger')}
      </div>
      ${['test', 'enable', 'rotate', 'delete'].map((key) => this.#actions.error(key))}`
  }

  #renderForm(hook: Hook): TemplateResult {
    const draft = this.draft ?? hook
    const { errors } = this.#saver
    const change = (part: Partial<NonNullable<RingsideSettingsHook['draft']>>) => {
      this.draft = { url: draft.url, events: draft.events, ...part }
      this.#saver.touch()
    }
    const reset = () => {
      this.draft = null
      this.#saver.clear()
    }
    return html`<form @submit=${this.#onSubmit} novalidate>
      ${textField({
        name: 'url',
        label: t('hooks.address'),
        value: draft.url,
        type: 'url',
        isCode: true,
        errors,
        onInput: (url) => change({ url }),
      })}
      ${eventChoice({ events: draft.events, errors, onChange: (events) => change({ events }) })}
      ${this.#saver.bar(this.draft !== null, reset)}</form>`
  }

  static override styles = hookStyles
}

define('ringside-settings-hook', RingsideSettingsHook)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-hook': RingsideSettingsHook
  }
}
