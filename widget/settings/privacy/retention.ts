import { html, LitElement, type TemplateResult } from 'lit'
import type { InferOutput } from 'valibot'
import type { settingsSchema } from '../../../server/http/setup-schemas.ts'
import type { Client } from '../../client/client.ts'
import { define } from '../../elements/define.ts'
import { t } from '../../i18n/t.ts'
import { adminApi, type FieldErrors } from '../admin-api.ts'
import { section } from '../blocks.ts'
import { confirmAction } from '../confirm.ts'
import { textField } from '../form.ts'
import { Loader } from '../loader.ts'
import { Saver } from '../saver.ts'
import { settingsStyles } from '../settings-styles.ts'

type Settings = InferOutput<typeof settingsSchema>
type Kind = keyof Settings['retention']

/** How many days recordings and events are kept. */
export class RingsideSettingsRetention extends LitElement {
  static override properties = { client: { attribute: false }, draft: { state: true } }
  declare client: Client | null
  /** What is typed. */
  declare draft: { readonly [K in Kind]?: string }
  readonly #saver = new Saver(this)
  readonly #settings = new Loader<Settings>(this, (api) => api.get('/api/settings'))

  constructor() {
    super()
    this.client = null
    this.draft = {}
  }

  get hasUnsaved(): boolean {
    return Object.keys(this.draft).length > 0
  }

  readonly #onSubmit = async (event: Event) => {
    event.preventDefault()
    const { client } = this
    const settings = this.#settings.value
    if (client === null || settings === undefined) return
    const retention = this.#typed(settings)
    if (!(await this.#mayShorten(settings, retention))) return
    const saved = await this.#saver.run(() =>
      adminApi(client).patch<Settings>('/api/settings', { retention }),
    )
    if (saved === undefined) return
    this.#settings.value = saved
    this.draft = {}
  }

  /** What is no number goes as it was typed: the server says what is wrong with it. */
  #typed({ retention }: Settings): Record<Kind, unknown> {
    const value = (kind: Kind): unknown => {
      const text = this.draft[kind]?.trim() ?? String(retention[kind])
      return /^\d+$/.test(text) ? Number(text) : text
    }
    return { recordingsDays: value('recordingsDays'), eventsDays: value('eventsDays') }
  }

  async #mayShorten({ retention }: Settings, typed: Record<Kind, unknown>): Promise<boolean> {
    const kinds: readonly Kind[] = ['recordingsDays', 'eventsDays']
    const isShorter = kinds.some((kind) => {
      const days = typed[kind]
      return typeof days === 'number' && days > 0 && days < retention[kind]
    })
    if (!isShorter) return true
    return confirmAction(this, {
      title: t('privacy.shorterTitle'),
      text: t('privacy.shorterText'),
      action: t('privacy.shorter'),
    })
  }

  protected override render() {
    return section(
      { title: t('privacy.retention'), text: t('privacy.retentionAbout') },
      this.#settings.show((settings) => this.#renderForm(settings)),
    )
  }

  #renderForm(settings: Settings): TemplateResult {
    const errors: FieldErrors = this.#saver.errors
    const days = (kind: Kind, label: string, hint: string) =>
      textField({
        name: `retention.${kind}`,
        label,
        hint,
        type: 'number',
        min: 1,
        max: 3650,
        value: this.draft[kind] ?? String(settings.retention[kind]),
        errors,
        onInput: (value) => this.#type(settings, kind, value),
      })
    const reset = () => {
      this.draft = {}
      this.#saver.clear()
    }
    return html`<form @submit=${this.#onSubmit} novalidate><div class="columns">
      ${days('recordingsDays', t('privacy.recordingsDays'), t('privacy.recordingsHint'))}
      ${days('eventsDays', t('privacy.eventsDays'), t('privacy.eventsHint'))}</div>
      ${this.#saver.bar(this.hasUnsaved, reset)}</form>`
  }

  #type({ retention }: Settings, kind: Kind, value: string): void {
    const { [kind]: _before, ...others } = this.draft
    this.draft = value === String(retention[kind]) ? others : { ...others, [kind]: value }
    this.#saver.touch()
  }

  static override styles = settingsStyles
}

define('ringside-settings-retention', RingsideSettingsRetention)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-retention': RingsideSettingsRetention
  }
}
