/** The parts of the player around its picture, drawn from what they are given. */
import { html, nothing, type TemplateResult } from 'lit'
import type { RecordingView } from '../../server/http/schemas.ts'
import { duration } from '../format.ts'
import { currentLocale, t } from '../i18n/t.ts'
import { playerIcon, playIcon } from '../player/icons.ts'
import { liked, type Player } from '../player/player.ts'
import { canRetry, FAILURE_TEXT } from '../player/trouble.ts'

export type ShownPart = Pick<RecordingView, 'id' | 'seconds' | 'pauses'>

/** All that the parts of the player show, and whom they tell. */
export interface Shown {
  readonly player: Player
  readonly parts: readonly ShownPart[]
  readonly opened: 'volume' | 'download' | null
  readonly mayDownload: boolean
  readonly isDownloading: boolean
  readonly onToggle: () => void
  readonly onSkip: (seconds: number) => void
  readonly onOpen: (what: 'volume' | 'download') => void
  readonly onDownload: (id: string) => void
}

const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2]
const SKIP_SECONDS = 10

/** The one large button. */
export function renderPlay({ player, onToggle }: Shown): TemplateResult {
  const isOn = player.state === 'playing' || player.state === 'loading'
  const label = t(isOn ? 'recording.pause' : 'recording.play')
  return html`<button class="play" aria-label=${label} title=${label}
    aria-busy=${player.state === 'loading'} @click=${onToggle}>${playIcon(isOn)}</button>`
}

/** Time, skipping, speed, volume, download: from left to right, like time. */
export function renderBar(shown: Shown): TemplateResult {
  const { player, onSkip, onOpen, opened } = shown
  const length = player.length === null ? '–:––' : duration(player.length)
  const isSilent = liked.isMuted || liked.volume === 0
  return html`<div class="row bar" dir="ltr">
    <span class="time small num">${duration(player.time)} <span class="muted">/ ${length}</span></span>
    ${renderSkip('back', () => onSkip(-SKIP_SECONDS))}
    ${renderSkip('forward', () => onSkip(SKIP_SECONDS))}
    <select class="speed" aria-label=${t('recording.speed')} title=${t('recording.speed')}
      @change=${(event: Event) => onSpeed(event, player)}>${SPEEDS.map(
        (speed) =>
          html`<option value=${speed} ?selected=${speed === liked.rate}>${speedText(speed)}</option>`,
      )}</select>
    <button class="icon" data-volume aria-label=${t('recording.volume')} title=${t('recording.volume')}
      aria-expanded=${opened === 'volume'} @click=${() => onOpen('volume')}>${playerIcon(isSilent ? 'muted' : 'volume')}</button>
    ${shown.mayDownload ? renderDownload(shown) : nothing}
  </div>`
}

function renderSkip(way: 'back' | 'forward', onClick: () => void): TemplateResult {
  const label = t(`recording.${way}`)
  const content = [playerIcon(way), html`<span aria-hidden="true">${SKIP_SECONDS}</span>`]
  return html`<button class="icon skip num" aria-label=${label} title=${label} @click=${onClick}>${
    way === 'back' ? content : content.reverse()
  }</button>`
}

function renderDownload({ parts, opened, isDownloading, onOpen, onDownload }: Shown) {
  const [first] = parts
  const isList = parts.length > 1
  return html`<button class="icon" data-download aria-label=${t('recording.download')} title=${t('recording.download')}
    aria-expanded=${isList ? opened === 'download' : nothing} aria-busy=${isDownloading}
    @click=${() => (isList || first === undefined ? onOpen('download') : onDownload(first.id))}>${playerIcon('download')}</button>`
}

function onSpeed(event: Event, player: Player): void {
  liked.rate = Number((event.target as HTMLSelectElement).value)
  player.tune()
}

function speedText(speed: number): string {
  return `${new Intl.NumberFormat(currentLocale()).format(speed)}×`
}

/** What a button of the bar has opened. */
export function renderOpened(shown: Shown): TemplateResult | typeof nothing {
  if (shown.opened === 'volume') return renderVolume(shown.player)
  if (shown.opened !== 'download') return nothing
  return html`<div class="row more">${shown.parts.map(
    ({ id }, index) =>
      html`<button aria-busy=${shown.isDownloading} @click=${() => shown.onDownload(id)}>${playerIcon('download')}
        ${t('recording.downloadPart', { part: index + 1 })}</button>`,
  )}</div>`
}

function renderVolume(player: Player): TemplateResult {
  const isSilent = liked.isMuted || liked.volume === 0
  const onMute = (): void => {
    liked.isMuted = !liked.isMuted
    player.tune()
  }
  const onVolume = (event: Event): void => {
    liked.volume = Number((event.target as HTMLInputElement).value) / 100
    liked.isMuted = false
    player.tune()
  }
  return html`<div class="row more" dir="ltr">
    <button class="mute" @click=${onMute}>${playerIcon(isSilent ? 'muted' : 'volume')}${t(isSilent ? 'recording.unmute' : 'recording.mute')}</button>
    <input type="range" min="0" max="100" step="5" aria-label=${t('recording.volume')}
      .value=${String(liked.isMuted ? 0 : Math.round(liked.volume * 100))} @input=${onVolume}></div>`
}

/** Where the silence is, in words (CTL-7). */
export function renderPauses({ parts }: Shown): TemplateResult | typeof nothing {
  const pauses = parts[0]?.pauses ?? []
  if (pauses.length === 0) return nothing
  const spans = pauses.map(({ from, to }) =>
    to === null
      ? t('recording.toEnd', { from: duration(from) })
      : `${duration(from)}–${duration(to)}`,
  )
  return html`<p class="small pauses"><span class="hatched" aria-hidden="true"></span>
    <span>${t('recording.pauses', { spans: spans.join(', ') })}</span></p>`
}

/** Why it does not play, and what to do. */
export function renderTrouble({ player }: Shown): TemplateResult | typeof nothing {
  const { failure } = player
  if (failure === null) return nothing
  return html`<div class="note error small row" role="alert"><span class="grow">${t(FAILURE_TEXT[failure])}</span>
    ${canRetry(failure) ? html`<button @click=${() => player.play()}>${t('recording.again')}</button>` : nothing}</div>`
}
