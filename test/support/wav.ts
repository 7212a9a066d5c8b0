/** Samples of 16 bits, frame by frame with the channels side by side, as a WAV file; for Node and for browsers. */
export function wavOf(
  samples: Int16Array,
  { rate = 8000, channels = 1 }: { readonly rate?: number; readonly channels?: number } = {},
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER + samples.byteLength)
  const view = new DataView(bytes.buffer)
  const word = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at)
  word(0, 'RIFF')
  view.setUint32(4, bytes.length - 8, true)
  word(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, channels, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, rate * channels * 2, true)
  view.setUint16(32, channels * 2, true)
  view.setUint16(34, 16, true)
  word(36, 'data')
  view.setUint32(40, samples.byteLength, true)
  bytes.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), HEADER)
  return bytes
}

const HEADER = 44
