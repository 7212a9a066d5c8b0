/** Plays the sounds where the browser lets this tab: after a gesture of the user, and without a word before. */
import { beepSamples, ringSamples, SAMPLE_RATE } from './tone.ts'

export interface Audio {
  /** False while a gesture is missing, or the browser has no Web Audio. */
  isAllowed(): Promise<boolean>
  /** Plays again and again, or once; false where the browser did not let it after all. */
  play(sound: 'ring' | 'beep'): Promise<boolean>
  /** Silent at once. */
  stop(): void
  close(): void
}

/** How long a context may take to start before it counts as held back. */
const START_MS = 1_000
const FADE_SECONDS = 0.03

/** Creates the player; the sound device is opened when first played and rests in between. */
export function createAudio(): Audio {
  let context: AudioContext | null = null
  let playing: { readonly source: AudioBufferSourceNode; readonly gain: GainNode } | null = null

  /** Opened late: a started context keeps headsets awake. */
  async function start(): Promise<AudioContext | null> {
    context ??= new AudioContext()
    if (context.state !== 'running') {
      const late = new Promise((resolve) => setTimeout(resolve, START_MS))
      await Promise.race([context.resume(), late]).catch(() => undefined)
    }
    return (context.state as string) === 'running' ? context : null
  }

  function stop(): void {
    wanted += 1
    if (context === null) return
    if (playing !== null) {
      const { source, gain } = playing
      gain.gain.setTargetAtTime(0, context.currentTime, FADE_SECONDS / 3)
      source.stop(context.currentTime + FADE_SECONDS)
      playing = null
    }
    const [then, own] = [wanted, context]
    setTimeout(() => {
      if (then === wanted && own.state === 'running') own.suspend().catch(() => undefined)
    }, START_MS)
  }
  let wanted = 0

  return {
    isAllowed,
    async play(sound) {
      stop()
      const mine = wanted
      const running = await start().catch(() => null)
      if (running === null) return false
      if (mine === wanted) playing = begin(running, sound)
      return true
    },
    stop,
    close() {
      stop()
      context?.close().catch(() => undefined)
      context = null
    },
  }
}

/** Computed once: it takes as long as all the rest of a pop-up, and a call begins with it. */
const made: Partial<Record<'ring' | 'beep', Float32Array<ArrayBuffer>>> = {}

function samplesOf(sound: 'ring' | 'beep'): Float32Array<ArrayBuffer> {
  made[sound] ??= sound === 'ring' ? ringSamples() : beepSamples()
  return made[sound]
}

function begin(context: AudioContext, sound: 'ring' | 'beep') {
  const samples = samplesOf(sound)
  const buffer = context.createBuffer(1, samples.length, SAMPLE_RATE)
  buffer.copyToChannel(samples, 0)
  const source = new AudioBufferSourceNode(context, { buffer, loop: sound === 'ring' })
  const gain = new GainNode(context)
  source.connect(gain).connect(context.destination)
  source.start()
  return { source, gain }
}

/**
 * Whether a context would start. Making one to find out would put a warning into the page's console; an empty
 * media element is asked instead, which obeys the same rule and is refused without a word.
 */
async function isAllowed(): Promise<boolean> {
  if (typeof AudioContext === 'undefined') return false
  const { userActivation } = navigator
  if (userActivation?.hasBeenActive) return true
  // The person may have allowed sound for the site, and then no gesture is wanted.
  const refused = document
    .createElement('audio')
    .play()
    .then(
      () => true,
      (error: unknown) => !(error instanceof DOMException && error.name === 'NotAllowedError'),
    )
  const nothingSaid = new Promise<boolean>((resolve) => setTimeout(resolve, 0, true))
  return Promise.race([refused, nothingSaid])
}
