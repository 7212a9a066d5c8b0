import { css, html, LitElement, type TemplateResult } from 'lit'
import type { InferOutput } from 'valibot'
import type { erasureSchema } from '../../../server/http/setup-schemas.ts'
import type { Client } from '../../client/client.ts'
import { define } from '../../elements/define.ts'
import { when } from '../../format-time.ts'
import { t } from '../../i18n/t.ts'
import { section } from '../blocks.ts'
import { Poll } from '../connections/poll.ts'
import { Loader } from '../loader.ts'
import { settingsStyles } from '../settings-styles.ts'

type Erasure = InferOutput<typeof erasureSchema>

const LOOK_EVERY_MS = 1000
const COUNTS = ['users', 'calls', 'cases', 'recordings', 'texts'] as const

/** How far the erasing of a person is, and what it came to. */
export class RingsideSettingsErasure extends LitElement {
  static override properties = { client: { attribute: false }, erasureId: { attribute: false } }
  declare client: Client | null
  declare erasureId: string
  readonly #erasure = new Loader<Erasure>(this, (api) => api.get(`/api/erase/${this.erasureId}`))

  constructor() {
    super()
    this.client = null
    this.erasureId = ''
    new Poll(this, () => this.#look(), LOOK_EVERY_MS)
  }

  async #look(): Promise<void> {
    if (this.#erasure.value?.state === 'running') await this.#erasure.reload()
  }

  protected override render() {
    return section(
      { title: t('privacy.erase') },
      html`${this.#erasure.show((erasure) => this.#renderState(erasure))}
        <button class="start" @click=${() => this.dispatchEvent(new CustomEvent('ringside-erasure-read'))}>${t('privacy.another')}</button>`,
    )
  }

  #renderState({ state, finishedAt, counts }: Erasure): TemplateResult {
    const at = finishedAt === null ? '' : when(finishedAt, this.client?.now() ?? 0)
    return html`<div class=${state === 'done' ? 'note ok' : 'note'} role="status">
        <p class="strong">${t(state === 'done' ? 'privacy.done' : 'privacy.running')}</p>
        <p class="small">${state === 'done' ? t('privacy.doneAt', { at }) : t('privacy.runningText')}</p></div>
      ${state === 'done' ? '' : html`<progress aria-label=${t('privacy.running')}></progress>`}
      <dl class="counts">${COUNTS.map((key) => html`<div><dt>${t(`privacy.count.${key}`)}</dt><dd class="num">${counts[key]}</dd></div>`)}</dl>`
  }

  static override styles = [
    ...settingsStyles,
    css`
      .counts { display: flex; flex-wrap: wrap; gap: var(--_2) calc(var(--_1) * 6); }
      dt { font-size: var(--_small); color: var(--_muted); }
      dd { font-size: var(--_name); font-weight: 600; }
      .start { align-self: start; }
    `,
  ]
}

define('ringside-settings-erasure', RingsideSettingsErasure)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-erasure': RingsideSettingsErasure
  }
}
