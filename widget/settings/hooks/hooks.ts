import { html, LitElement, type TemplateResult } from 'lit'
import type { Client } from '../../client/client.ts'
import { define } from '../../elements/define.ts'
import { plain } from '../../format.ts'
import { fullTime, when } from '../../format-time.ts'
import { enAdmin } from '../../i18n/settings/en-admin.ts'
import { addEnglish, t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { type Column, empty, section, table } from '../blocks.ts'
import { Poll } from '../connections/poll.ts'
import { textField } from '../form.ts'
import { Loader } from '../loader.ts'
import { goTo, pageProperties, type SettingsPage } from '../page.ts'
import { Saver } from '../saver.ts'
import type { Hook, MadeHook } from './contract.ts'
import { type Events, eventChoice } from './event-choice.ts'
import './hook.ts'
import { hookStyles } from './hook-styles.ts'
import { eventsText, health } from './words.ts'

addEnglish(enAdmin)

const LOOK_EVERY_MS = 5000

/** Who is told of what happens, and how well that works (ADMIN-7). */
export class RingsideSettingsHooks extends LitElement implements SettingsPage {
  static override properties = {
    ...pageProperties,
    url: { state: true },
    events: { state: true },
    made: { state: true },
  }
  declare client: Client | null
  declare path: readonly string[]
  declare url: string
  declare events: Events
  /** Just made: its secret is shown this once. */
  declare made: MadeHook | null
  readonly #saver = new Saver(this)
  readonly #hooks = new Loader<readonly Hook[]>(this, (api) => api.list('/api/hooks'))

  constructor() {
    super()
    this.client = null
    this.path = []
    this.url = ''
    this.events = null
    this.made = null
    new Poll(this, () => this.#look(), LOOK_EVERY_MS)
  }

  get hasUnsaved(): boolean {
    return this.path.length === 0 && this.url !== ''
  }

  /** Health changes while somebody looks at the list; a webhook that is open looks by itself. */
  async #look(): Promise<void> {
    if (this.path.length === 0 && this.#hooks.value !== undefined) await this.#hooks.reload()
  }

  readonly #onSubmit = async (event: Event) => {
    event.preventDefault()
    const { client, url, events } = this
    if (client === null || events?.length === 0) return
    const body = { url: url.trim(), ...(events === null ? {} : { events }) }
    const made = await this.#saver.run(() => adminApi(client).post<MadeHook>('/api/hooks', body))
    if (made === undefined) return
    this.made = made
    this.url = ''
    this.events = null
    this.#saver.clear()
    await this.#hooks.reload()
    goTo(this, ['hooks', made.id])
  }

  readonly #onBack = () => {
    this.made = null
    goTo(this, ['hooks'])
    void this.#hooks.reload()
  }

  protected override render() {
    const [id] = this.path
    if (id === undefined) return this.#renderList()
    const secret = this.made?.id === id ? this.made.secret : null
    return html`<button class="link" @click=${this.#onBack}>${t('hooks.back')}</button>
      <ringside-settings-hook .client=${this.client} .hookId=${id} .secret=${secret}
        @ringside-hook-gone=${this.#onBack}></ringside-settings-hook>`
  }

  #renderList(): TemplateResult {
    const list = this.#hooks.show((hooks) =>
      hooks.length === 0 ? empty(t('hooks.none')) : table(t('hooks.title'), this.#columns(), hooks),
    )
    return html`${section({ title: t('hooks.title'), text: t('hooks.about') }, list)}
      ${section({ title: t('hooks.add') }, this.#renderForm())}`
  }

  #columns(): readonly Column<Hook>[] {
    const now = this.client?.now() ?? 0
    return [
      {
        label: t('hooks.address'),
        cell: ({ id, url }) =>
          html`<button class="link url" @click=${() => goTo(this, ['hooks', id])}>${plain(url)}</button>`,
      },
      { label: t('hooks.events'), cell: ({ events }) => eventsText(events) },
      { label: t('hooks.health'), cell: (hook) => health(hook, now) },
      {
        label: t('hooks.lastDelivery'),
        cell: ({ deliveredAt }) =>
          deliveredAt === null
            ? html`<span class="muted">${t('hooks.neverDelivered')}</span>`
            : html`<span title=${fullTime(deliveredAt)}>${when(deliveredAt, now)}</span>`,
      },
    ]
  }

  #renderForm(): TemplateResult {
    const { errors } = this.#saver
    return html`<form @submit=${this.#onSubmit} novalidate>
      ${textField({
        name: 'url',
        label: t('hooks.address'),
        hint: t('hooks.addressHint'),
        value: this.url,
        type: 'url',
        isCode: true,
        maxLength: 2000,
        errors,
        onInput: (value) => {
          this.url = value
          this.#saver.touch()
        },
      })}
      ${eventChoice({
        events: this.events,
        errors,
        onChange: (events) => {
          this.events = events
          this.#saver.touch()
        },
      })}
      ${this.#saver.bar(this.url !== '', null, t('hooks.add'))}</form>`
  }

  static override styles = hookStyles
}

define('ringside-settings-hooks', RingsideSettingsHooks)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-hooks': RingsideSettingsHooks
  }
}
