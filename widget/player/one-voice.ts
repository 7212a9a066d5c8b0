/** One recording at a time: who starts stops the others, in this tab and in all others of the page's origin. */
interface Voice {
  pause(): void
}

const CHANNEL = 'ringside-player'
const own = Math.random().toString(36)
let speaking: Voice | null = null
let channel: BroadcastChannel | null = null

/** From now on this one is heard, and no other. */
export function takeTheFloor(voice: Voice): void {
  if (speaking !== voice) speaking?.pause()
  speaking = voice
  connect()
  channel?.postMessage(own)
}

/** This one is silent; nobody needs to be told. */
export function leaveTheFloor(voice: Voice): void {
  if (speaking !== voice) return
  speaking = null
  channel?.close()
  channel = null
}

function connect(): void {
  if (channel !== null || typeof BroadcastChannel === 'undefined') return
  try {
    channel = new BroadcastChannel(CHANNEL)
    channel.onmessage = ({ data }) => {
      if (data !== own) speaking?.pause()
    }
  } catch {
    // A page without an origin of its own has no other tabs to tell.
  }
}
