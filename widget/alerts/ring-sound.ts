/** One sound for all tabs of an agent (POP-11): those that can play queue for a lock, its holder rings. */
import { type Audio, createAudio } from './audio.ts'
import { hold } from './locks.ts'

/** `ring` goes on until it is changed; anything else is one beep, a new one for each new text. */
export type Tone = string | null

export interface RingSound {
  set(tone: Tone): void
  close(): void
}

const GESTURES = ['keydown', 'pointerdown', 'pointerup'] as const

/** Creates the sound of one agent; `name` is the lock's. */
export function createRingSound(name: string, audio: Audio = createAudio()): RingSound {
  let tone: Tone = null
  let release: (() => void) | null = null
  let isMine = false
  let isBlocked = false

  async function queue(): Promise<void> {
    if (release !== null || isBlocked) return
    let isLeft = false
    release = () => {
      isLeft = true
    }
    const isAllowed = await audio.isAllowed()
    if (isLeft) return
    release = null
    if (!isAllowed) block()
    else {
      release = hold(name, 'exclusive', () => {
        isMine = true
        void play()
      })
    }
  }

  async function play(): Promise<void> {
    const played = tone
    if (played === null || !isMine) return
    if (await audio.play(played === 'ring' ? 'ring' : 'beep')) return
    // Another tab may be let.
    leave()
    if (tone !== null) block()
  }

  function leave(): void {
    isMine = false
    release?.()
    release = null
  }

  /** Waits for a gesture, as long as there is something to hear. */
  function block(): void {
    isBlocked = true
    for (const type of GESTURES) addEventListener(type, onGesture, { capture: true, passive: true })
  }

  function unblock(): void {
    isBlocked = false
    for (const type of GESTURES) removeEventListener(type, onGesture, { capture: true })
  }

  function onGesture(): void {
    unblock()
    if (tone !== null) void queue()
  }

  function set(next: Tone): void {
    if (next === tone) return
    tone = next
    if (next !== null) {
      if (isMine) void play()
      else void queue()
      return
    }
    unblock()
    audio.stop()
    leave()
  }

  return {
    set,
    close() {
      set(null)
      audio.close()
    },
  }
}
