/**
 * Plays the parts of a recording as one, from addresses that are good for a while: when one ends, a
 * new one is fetched and the sound goes on at the same place. What is shown is read from here.
 */
import { type Channel, type ChannelSwitch, createChannelSwitch } from './channels.ts'
import { leaveTheFloor, takeTheFloor } from './one-voice.ts'
import { lengthOf, placeAt, startsOf } from './timeline.ts'
import { createTrack, type Track } from './track.ts'
import { type Failure, failureOf } from './trouble.ts'

export interface Part {
  readonly id: string
  readonly seconds: number | null
}

export interface Address {
  readonly url: string
  readonly expiresAt: number
}

export interface PlayerOptions {
  readonly addressOf: (id: string) => Promise<Address>
  /** The server's answer to an address that did not play; 0: it was not reached. */
  readonly statusOf: (url: string) => Promise<number>
  readonly now: () => number
  readonly onChange: () => void
}

export type PlayerState = 'idle' | 'loading' | 'playing' | 'paused' | 'failed'

export interface Player {
  readonly state: PlayerState
  /** Where it is, in seconds of the whole. */
  readonly time: number
  readonly length: number | null
  /** How long each part is, as the browser found or the server says. */
  readonly seconds: readonly (number | null)[]
  readonly failure: Failure | null
  readonly channel: Channel
  setParts(parts: readonly Part[]): void
  play(): void
  pause(): void
  seek(time: number): void
  setChannel(channel: Channel): void
  /** The speed or the volume was changed. */
  tune(): void
  close(): void
}

/** As the agent likes it: the same for all recordings until the page is left. */
export const liked = { rate: 1, volume: 1, isMuted: false }

/** The next part is made ready so long before it is needed. */
const AHEAD_SECONDS = 15
const END_SECONDS = 0.05

export function createPlayer(options: PlayerOptions): Player {
  const { onChange } = options
  let tracks: Track[] = []
  let current = 0
  let isWanted = false
  let hasStarted = false
  let failure: Failure | null = null
  let channel: Channel = 'both'
  let channels: ChannelSwitch | null = null
  let isClosed = false

  const track = (): Track | undefined => tracks[current]
  const start = (): number => startsOf(tracks)[current] ?? 0
  const length = (): number | null => lengthOf(tracks)

  function newTrack(part: Part): Track {
    return createTrack(part, {
      ...options,
      onChange: (changed) => {
        if (isClosed) return
        if (changed === track()) prepareNext(changed)
        onChange()
      },
      onEnd: (ended) => {
        if (ended === track()) goOn()
      },
      onPausedOutside: (paused) => {
        if (paused === track()) stop()
      },
      onFailure: (failed, why) => {
        if (failed === track()) fail(why)
      },
    })
  }

  function fail(why: Failure): void {
    failure = why
    stop()
    onChange()
  }

  function stop(): void {
    isWanted = false
    track()?.pause()
    leaveTheFloor(player)
  }

  /** The part is over: the next begins, or all is told. */
  function goOn(): void {
    if (current + 1 < tracks.length && isWanted) {
      current += 1
      tracks[current]?.seek(0)
      void begin()
    } else {
      stop()
      onChange()
    }
  }

  async function begin(): Promise<void> {
    const own = track()
    if (own === undefined) return
    if (channel !== 'both' || channels !== null) lead(own)
    own.tune(liked)
    try {
      await own.ready()
      if (own !== track() || !isWanted || isClosed) return
      await own.play()
    } catch (error) {
      if (own !== track() || isClosed || !isWanted) return
      if (isRefusal(error)) stop()
      else if (!(error instanceof DOMException)) fail(failureOf(error))
    }
    onChange()
  }

  function lead(own: Track): void {
    channels ??= createChannelSwitch()
    channels.set(channel)
    channels.take(own.audio)
    channels.wake()
  }

  function prepareNext(own: Track): void {
    const next = tracks[current + 1]
    if (next === undefined || !isWanted || own.seconds === null) return
    if (own.seconds - own.time < AHEAD_SECONDS) next.ready().catch(() => undefined)
  }

  const player: Player = {
    get state() {
      if (failure !== null) return 'failed'
      if (isWanted) return track()?.isSounding ? 'playing' : 'loading'
      return hasStarted ? 'paused' : 'idle'
    },
    get time() {
      return start() + (track()?.time ?? 0)
    },
    get length() {
      return length()
    },
    get seconds() {
      return tracks.map((one) => one.seconds)
    },
    get failure() {
      return failure
    },
    get channel() {
      return channel
    },
    setParts(parts) {
      const own = track()
      const kept = parts.map((part) => {
        const found = tracks.find((one) => one.id === part.id)
        found?.learn(part.seconds)
        return found ?? newTrack(part)
      })
      for (const one of tracks) if (!kept.includes(one)) one.close()
      tracks = kept
      current = Math.max(0, own === undefined ? 0 : kept.indexOf(own))
      if (own !== undefined && !kept.includes(own)) stop()
    },
    play() {
      failure = null
      hasStarted = true
      isWanted = true
      const all = length()
      if (all !== null && player.time >= all - END_SECONDS) place(0)
      takeTheFloor(player)
      channels?.wake()
      void begin()
      onChange()
    },
    pause() {
      stop()
      onChange()
    },
    seek(time) {
      hasStarted = true
      const before = track()
      place(Math.max(0, Math.min(time, length() ?? time)))
      if (before !== track()) {
        before?.pause()
        if (isWanted) void begin()
      }
      onChange()
    },
    setChannel(next) {
      channel = next
      channels?.set(next)
      const own = track()
      if (own !== undefined && hasStarted) lead(own)
      onChange()
    },
    tune() {
      for (const one of tracks) one.tune(liked)
      onChange()
    },
    close() {
      isClosed = true
      stop()
      for (const one of tracks) one.close()
      channels?.close()
    },
  }
  return player

  function place(time: number): void {
    const { index, offset } = placeAt(tracks, time)
    current = index
    tracks[index]?.seek(offset)
  }
}

/** The browser wants to see a press first; the agent's next one will do. */
function isRefusal(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotAllowedError'
}
