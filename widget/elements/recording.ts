import { css, html, LitElement, nothing, type PropertyValues, svg, type TemplateResult } from 'lit'
import type { RecordingView } from '../../server/http/schemas.ts'
import type { Client } from '../client/client.ts'
import { loadRecording } from '../client/requests.ts'
import { duration } from '../format.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'

/** One recording: played by the browser's own player from a signed address. */
export class RingsideRecording extends LitElement {
  static override properties = {
    client: { attribute: false },
    recordingId: { attribute: 'recording-id' },
    label: {},
    pauses: { attribute: false },
    seconds: { attribute: false },
    url: { state: true },
    isBroken: { state: true },
  }
  declare client: Client | null
  declare recordingId: string
  declare label: string
  /** Spans without sound, because the recording was paused (CTL-7). */
  declare pauses: RecordingView['pauses']
  declare seconds: number | null
  declare url: string | null
  declare isBroken: boolean
  readonly #actions = new Actions(this)
  #expiresAt = 0

  constructor() {
    super()
    this.client = null
    this.recordingId = ''
    this.label = ''
    this.pauses = []
    this.seconds = null
    this.url = null
    this.isBroken = false
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('recordingId') && !changed.has('client')) return
    this.url = null
    void this.#load()
  }

  async #load(): Promise<void> {
    const { client } = this
    if (client === null || this.recordingId === '') return
    this.isBroken = false
    const found = await this.#actions.run('load', () => loadRecording(client, this.recordingId))
    if (found === undefined) return
    this.url = found.audioUrl
    this.#expiresAt = Date.parse(found.audioUrlExpiresAt)
  }

  readonly #onShow = async () => {
    await this.#load()
    await this.updateComplete
    const audio = this.renderRoot.querySelector('audio')
    audio?.focus()
    // The press was the wish to hear it; a browser that refuses shows its own button.
    audio?.play().catch(() => undefined)
  }

  readonly #onError = () => {
    // The address is good for a while only: another press gets a new one.
    this.url = null
    this.isBroken = Date.now() < this.#expiresAt
  }

  protected override render() {
    return html`${this.#renderPlayer()}${this.pauses.length === 0 ? nothing : this.#renderPauses()}`
  }

  /** Where the silence is, drawn and in words. */
  #renderPauses(): TemplateResult {
    const spans = this.pauses.map(({ from, to }) =>
      to === null
        ? t('recording.toEnd', { from: duration(from) })
        : `${duration(from)}–${duration(to)}`,
    )
    const { seconds } = this
    return html`${
      seconds === null || seconds <= 0
        ? nothing
        : html`<svg class="track" viewBox="0 0 1000 6" preserveAspectRatio="none" aria-hidden="true">
          <rect class="all" y="2" width="1000" height="2"></rect>
          ${this.pauses.map(({ from, to }) => {
            const start = Math.min(1000, (from / seconds) * 1000)
            const end = Math.min(1000, ((to ?? seconds) / seconds) * 1000)
            return svg`<rect class="pause" x=${start} width=${Math.max(4, end - start)} height="6"></rect>`
          })}</svg>`
    }
    <p class="small pauses">${t('recording.pauses', { spans: spans.join(', ') })}</p>`
  }

  #renderPlayer(): TemplateResult {
    if (this.url !== null) {
      return html`<audio controls preload="metadata" aria-label=${this.label} src=${this.url} @error=${this.#onError}></audio>`
    }
    return html`<div class="stack"><button aria-busy=${this.#actions.isBusy('load')} @click=${this.#onShow}>
      <span class="play" aria-hidden="true"></span>${this.label}</button>
      ${this.isBroken ? html`<p class="note error small" role="alert">${t('recording.failed')}</p>` : nothing}
      ${this.#actions.error('load')}</div>`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: block; }
      audio { display: block; inline-size: 100%; block-size: 40px; }
      button { align-self: start; }
      .track { inline-size: 100%; block-size: 6px; margin-block: 4px 2px; }
      .all { fill: var(--_border); }
      .pause { fill: var(--_amber); }
      .pauses { color: var(--_amber); }
      .play { border-block: 5px solid transparent; border-inline-start: 8px solid var(--_accent); }
    `,
  ]
}

define('ringside-recording', RingsideRecording)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-recording': RingsideRecording
  }
}
