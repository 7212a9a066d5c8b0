import { html, LitElement, nothing, type PropertyValues } from 'lit'
import type { RecordingView } from '../../server/http/schemas.ts'
import { type Client, ClientController } from '../client/client.ts'
import { loadPeaks, loadRecording, statusOf } from '../client/recording-requests.ts'
import { duration } from '../format.ts'
import { enPlayer } from '../i18n/en-player.ts'
import { addEnglish, t } from '../i18n/t.ts'
import type { Channel } from '../player/channels.ts'
import { keyAct } from '../player/keys.ts'
import { createPeaksLoader, type PeaksLoader } from '../player/peaks.ts'
import { createPlayer, type Player } from '../player/player.ts'
import type { Stretch } from '../player/timeline.ts'
import '../player/waveform.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'
import { LoneController, loneProperties } from './lone.ts'
import {
  renderBar,
  renderOpened,
  renderPauses,
  renderPlay,
  renderTrouble,
  type Shown,
  type ShownPart,
} from './recording-parts.ts'
import { recordingStyles } from './recording-styles.ts'

addEnglish(enPlayer)

/**
 * The recording of a call, its parts as one: with a picture of it, speed, sides and keys (POP-9).
 *
 * @attr recording-id - the recording
 * @csspart player - the player
 */
export class RingsideRecording extends LitElement {
  static override properties = {
    ...loneProperties,
    client: { attribute: false },
    recordingId: { attribute: 'recording-id' },
    recordings: { attribute: false },
    loaded: { state: true },
    stretches: { state: true },
    opened: { state: true },
  }
  declare client: Client | null
  /** One recording by its id, where `recordings` does not say more. */
  declare recordingId: string
  /** The parts of one call, in their order. */
  declare recordings: readonly RecordingView[]
  declare loaded: RecordingView | null
  declare stretches: readonly Stretch[]
  /** What is shown below: the volume, or what can be downloaded. */
  declare opened: 'volume' | 'download' | null
  readonly #actions = new Actions(this)
  #player: Player | null = null
  #peaks: PeaksLoader | null = null
  #isSeen = false
  #frame = 0
  readonly #seen = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) this.#onSeen()
  })

  constructor() {
    super()
    this.client = null
    this.recordingId = ''
    this.recordings = []
    this.loaded = null
    this.stretches = []
    this.opened = null
    new LoneController(this)
    new ClientController(this)
    this.addEventListener('keydown', this.#onKey)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#seen.observe(this)
    this.requestUpdate('recordings')
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#seen.disconnect()
    this.#drop()
  }

  /** Starts, or goes on. */
  play(): void {
    this.#player?.play()
  }

  pause(): void {
    this.#player?.pause()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('client') || changed.has('recordingId')) {
      this.#drop()
      this.loaded = null
      if (this.#isSeen) void this.#loadAlone()
    }
    if (this.client !== null && this.isConnected) this.#follow(this.client)
  }

  #parts(): readonly ShownPart[] {
    if (this.recordings.length > 0) return this.recordings
    if (this.loaded !== null) return [this.loaded]
    return this.recordingId === '' ? [] : [{ id: this.recordingId, seconds: null, pauses: [] }]
  }

  /** The player goes on while its parts become better known. */
  #follow(client: Client): void {
    const parts = this.#parts()
    this.#player ??= createPlayer({
      addressOf: async (id) => {
        const { audioUrl, audioUrlExpiresAt } = await loadRecording(client, id)
        return { url: audioUrl, expiresAt: Date.parse(audioUrlExpiresAt) }
      },
      statusOf,
      now: client.now,
      onChange: () => this.#onChange(),
    })
    this.#peaks ??= createPeaksLoader(
      (id) => loadPeaks(client, id),
      () => this.#measure(),
    )
    this.#player.setParts(parts)
    if (this.#isSeen) this.#peaks.need(parts.map(({ id }) => id))
    this.#measure()
  }

  /** New stretches only when something changed: the picture is drawn from them. */
  #measure(): void {
    const seconds = this.#player?.seconds ?? []
    const next = this.#parts().map(({ id }, index) => ({
      seconds: seconds[index] ?? null,
      channels: this.#peaks?.of(id) ?? [],
    }))
    const isSame =
      next.length === this.stretches.length &&
      next.every((one, index) => {
        const before = this.stretches[index]
        return one.seconds === before?.seconds && one.channels === before?.channels
      })
    if (!isSame) this.stretches = next
  }

  #drop(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    this.#player?.close()
    this.#player = null
    this.#peaks?.close()
    this.#peaks = null
  }

  #onSeen(): void {
    this.#seen.disconnect()
    this.#isSeen = true
    void this.#loadAlone()
    this.requestUpdate('recordings')
  }

  /** By its id alone, nothing is known of its length and pauses. */
  async #loadAlone(): Promise<void> {
    const { client, recordingId } = this
    if (client === null || recordingId === '' || this.recordings.length > 0) return
    if (this.loaded !== null) return
    const found = await this.#actions.run('load', () => loadRecording(client, recordingId))
    if (found !== undefined && recordingId === this.recordingId) this.loaded = found
  }

  #onChange(): void {
    this.#measure()
    this.requestUpdate()
    if (this.#frame === 0 && this.#player?.state === 'playing') this.#animate()
  }

  /** Between the audio's own reports, four a second, the line moves on. */
  #animate(): void {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      const picture = this.renderRoot.querySelector('ringside-waveform')
      if (this.#player?.state !== 'playing' || picture === null) return
      picture.time = this.#player.time
      this.#animate()
    })
  }

  readonly #onToggle = () => {
    const isOn = this.#player?.state === 'playing' || this.#player?.state === 'loading'
    if (isOn) this.#player?.pause()
    else this.#player?.play()
  }
  readonly #onSeek = (time: number) => this.#player?.seek(time)
  readonly #onSkip = (seconds: number) =>
    this.#player?.seek(Math.max(0, (this.#player.time ?? 0) + seconds))
  readonly #onChannel = (channel: Channel) => this.#player?.setChannel(channel)
  readonly #onOpen = (what: 'volume' | 'download') => {
    this.opened = this.opened === what ? null : what
  }

  readonly #onKey = (event: KeyboardEvent) => {
    const target = event.composedPath()[0]
    const isSlider = target instanceof Element && target.role === 'slider'
    if (!isSlider && !(target instanceof HTMLButtonElement)) return
    const player = this.#player
    if (player === null) return
    const act = keyAct(event, isSlider ? 'slider' : 'button', player.time, player.length)
    if (act === null) return
    event.preventDefault()
    event.stopPropagation()
    if (act.type === 'toggle') this.#onToggle()
    else player.seek(act.to)
  }

  readonly #onDownload = async (id: string) => {
    const { client } = this
    if (client === null) return
    const found = await this.#actions.run('download', () => loadRecording(client, id))
    if (!found?.downloadUrl) return
    const link = document.createElement('a')
    // In a tab of its own: should the server have nothing to give, the page stays.
    Object.assign(link, { href: found.downloadUrl, target: '_blank', rel: 'noopener' })
    link.click()
  }

  protected override render() {
    const [player, parts] = [this.#player, this.#parts()]
    if (this.client === null || player === null) return nothing
    const { length } = player
    const name =
      length === null ? t('recording.name') : t('recording.label', { duration: duration(length) })
    const shown: Shown = {
      player,
      parts,
      opened: this.opened,
      mayDownload: this.client.state.me?.capabilities.includes('download') ?? false,
      isDownloading: this.#actions.isBusy('download'),
      onToggle: this.#onToggle,
      onSkip: this.#onSkip,
      onOpen: this.#onOpen,
      onDownload: this.#onDownload,
    }
    return html`<div class="player" part="player" role="group" aria-label=${name}>
      <div class="row main" dir="ltr">${renderPlay(shown)}
        <ringside-waveform class="grow" .stretches=${this.stretches} .pauses=${parts[0]?.pauses ?? []}
          .time=${player.time} .length=${length} .label=${t('recording.position')} .channel=${player.channel}
          .onSeek=${this.#onSeek} .onChannel=${this.#onChannel}></ringside-waveform>
      </div>
      ${renderBar(shown)} ${renderOpened(shown)} ${renderPauses(shown)} ${renderTrouble(shown)}
      ${this.#actions.error('load')} ${this.#actions.error('download')}
    </div>`
  }

  static override styles = [...shared, controls, recordingStyles]
}

define('ringside-recording', RingsideRecording)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-recording': RingsideRecording
  }
}
