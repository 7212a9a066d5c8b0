/** Which side of a stereo recording is heard: often the caller is on one, the agent on the other. */
export type Channel = 'both' | 'left' | 'right'

/** Where each side goes: left to left, left to right, right to left, right to right. */
const GAINS: Readonly<Record<Channel, readonly [number, number, number, number]>> = {
  both: [1, 0, 0, 1],
  left: [1, 1, 0, 0],
  right: [0, 0, 1, 1],
}

export interface ChannelSwitch {
  /** Leads an element's sound through the switch; for good, as Web Audio has it. */
  take(audio: HTMLAudioElement): void
  set(channel: Channel): void
  /** Browsers hold a context until the agent did something. */
  wake(): void
  close(): void
}

export function createChannelSwitch(): ChannelSwitch {
  const context = new AudioContext()
  const splitter = context.createChannelSplitter(2)
  const merger = context.createChannelMerger(2)
  const taken = new WeakSet<HTMLAudioElement>()
  const gains = GAINS.both.map((_gain, index) => {
    const gain = context.createGain()
    splitter.connect(gain, index >> 1)
    gain.connect(merger, 0, index & 1)
    return gain
  })
  merger.connect(context.destination)
  return {
    take(audio) {
      if (taken.has(audio)) return
      taken.add(audio)
      context.createMediaElementSource(audio).connect(splitter)
    },
    set(channel) {
      for (const [index, gain] of gains.entries()) gain.gain.value = GAINS[channel][index] ?? 0
    },
    wake: () => void context.resume().catch(() => undefined),
    close: () => void context.close().catch(() => undefined),
  }
}
