/** The sounds, as samples: no file to load, so no `media-src` for the page to allow. */

export const SAMPLE_RATE = 24_000
/** A ring and the pause after it: played in a loop, because timers of hidden tabs are slow. */
const RING_SECONDS = 3
const SOFT_START_SECONDS = 0.012

interface Note {
  readonly hertz: number
  readonly atSeconds: number
  /** Until it has faded to a third. */
  readonly fadeSeconds: number
  readonly loudness: number
}

/** Two falling notes, like a door bell far away, and a long pause. */
export function ringSamples(): Float32Array<ArrayBuffer> {
  return toSamples(RING_SECONDS, [
    { hertz: 659.25, atSeconds: 0, fadeSeconds: 0.22, loudness: 0.13 },
    { hertz: 523.25, atSeconds: 0.34, fadeSeconds: 0.3, loudness: 0.13 },
  ])
}

/** One soft note for a call that waits while the agent talks. */
export function beepSamples(): Float32Array<ArrayBuffer> {
  return toSamples(1, [{ hertz: 440, atSeconds: 0, fadeSeconds: 0.12, loudness: 0.05 }])
}

function toSamples(seconds: number, notes: readonly Note[]): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(seconds * SAMPLE_RATE)
  for (const note of notes) {
    const first = Math.round(note.atSeconds * SAMPLE_RATE)
    for (let i = first; i < samples.length; i += 1) {
      samples[i]! += amplitude(note, (i - first) / SAMPLE_RATE)
    }
  }
  return samples
}

/** A sine with a little of its octave; starts without a click. */
function amplitude({ hertz, fadeSeconds, loudness }: Note, seconds: number): number {
  const angle = 2 * Math.PI * hertz * seconds
  const start = Math.min(1, seconds / SOFT_START_SECONDS)
  const fade = Math.exp(-seconds / fadeSeconds)
  return loudness * start * fade * (Math.sin(angle) + 0.2 * Math.sin(2 * angle))
}
