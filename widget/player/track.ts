/** One part of a recording: an `<audio>` that gets its address when it is needed, and a new one when that ends. */
import type { Address, liked as Liked, Part, PlayerOptions } from './player.ts'
import { type Failure, failureOf, type PolicyWatch, watchPolicy } from './trouble.ts'

export interface Track {
  readonly id: string
  readonly audio: HTMLAudioElement
  readonly seconds: number | null
  readonly time: number
  readonly isSounding: boolean
  /** How long the server says it is, until the browser knows better. */
  learn(seconds: number | null): void
  /** Has an address that is good; rejects where the server gives none. */
  ready(): Promise<void>
  play(): Promise<void>
  pause(): void
  seek(offset: number): void
  tune(liked: typeof Liked): void
  close(): void
}

interface TrackOptions extends Pick<PlayerOptions, 'addressOf' | 'statusOf' | 'now'> {
  readonly onChange: (track: Track) => void
  readonly onEnd: (track: Track) => void
  /** By a key of the keyboard, a headset, another program. */
  readonly onPausedOutside: (track: Track) => void
  readonly onFailure: (track: Track, failure: Failure) => void
}

/** An address that ends sooner than this is as good as ended. */
const MARGIN_MS = 60_000
const CHANGES = ['timeupdate', 'playing', 'waiting', 'pause', 'seeked', 'durationchange'] as const

export function createTrack(part: Part, options: TrackOptions): Track {
  const audio = document.createElement('audio')
  // Without it the sound of another origin is silence to Web Audio.
  audio.crossOrigin = 'anonymous'
  audio.preload = 'metadata'
  let seconds = part.seconds
  let isMeasured = false
  let address: Address | null = null
  let asking: Promise<void> | null = null
  /** Where to begin, as long as the element does not know. */
  let offset = 0
  let isPlayWanted = false
  let isSecondTry = false
  let policy: PolicyWatch | null = null

  async function fetchAddress(): Promise<void> {
    address = await options.addressOf(part.id)
    policy ??= watchPolicy(address.url)
    audio.src = address.url
    audio.currentTime = offset
  }

  function ready(): Promise<void> {
    if (address !== null && options.now() < address.expiresAt - MARGIN_MS && !audio.error) {
      return asking ?? Promise.resolve()
    }
    asking ??= fetchAddress().finally(() => {
      asking = null
    })
    return asking
  }

  /** The address may have ended, or the line: once with a new one, at the same place; then it is said. */
  async function recover(): Promise<void> {
    if (audio.error === null || asking !== null) return
    const tried = address
    address = null
    try {
      if (!isSecondTry) {
        isSecondTry = true
        await ready()
        if (isPlayWanted) await audio.play()
        return
      }
      const status = tried === null ? 0 : await options.statusOf(tried.url)
      options.onFailure(track, policy?.isBlocked ? 'policy' : failureOf(status))
    } catch (error) {
      // A refusal to play comes with an error event of its own.
      if (!(error instanceof DOMException)) options.onFailure(track, failureOf(error))
    }
  }

  const onChange = (event: Event): void => {
    if (audio.readyState > 0 && !audio.error) offset = audio.currentTime
    if (Number.isFinite(audio.duration) && audio.duration > 0) {
      seconds = audio.duration
      isMeasured = true
    }
    if (event.type === 'timeupdate' && !audio.paused && !audio.seeking) isSecondTry = false
    // By the time that it is told, it may play again.
    const isPaused = event.type === 'pause' && audio.paused && !audio.ended
    if (isPaused && isPlayWanted) options.onPausedOutside(track)
    options.onChange(track)
  }
  for (const name of CHANGES) audio.addEventListener(name, onChange)
  audio.addEventListener('error', () => void recover())
  audio.addEventListener('ended', () => options.onEnd(track))

  const track: Track = {
    id: part.id,
    audio,
    get seconds() {
      return seconds
    },
    get time() {
      return audio.readyState > 0 && !audio.error ? audio.currentTime : offset
    },
    get isSounding() {
      return !audio.paused && audio.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA
    },
    learn(said) {
      if (!isMeasured) seconds = said
    },
    ready,
    async play() {
      isPlayWanted = true
      await audio.play()
    },
    pause() {
      isPlayWanted = false
      audio.pause()
    },
    seek(to) {
      offset = to
      if (audio.src !== '') audio.currentTime = to
    },
    tune({ rate, volume, isMuted }) {
      audio.preservesPitch = true
      // A new address starts again at the default rate.
      audio.defaultPlaybackRate = rate
      audio.playbackRate = rate
      audio.volume = volume
      audio.muted = isMuted
    },
    close() {
      isPlayWanted = false
      for (const name of CHANGES) audio.removeEventListener(name, onChange)
      policy?.stop()
      audio.pause()
      audio.removeAttribute('src')
      // Lets go of the connection.
      audio.load()
    },
  }
  return track
}
