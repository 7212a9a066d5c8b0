import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { AsteriskVersion } from '../../server/simulate/scenario.ts'

const PREFIX = process.env.RINGSIDE_ASTERISK_PREFIX || '/opt/ringside-asterisk'
const WINDOW_SECONDS = 0.1
/** Of 32,768: the phones' tones are far above it, digital silence is 0. */
const QUIET = 40

/** One spell of silence or sound in a recording, in seconds. */
export interface Spell {
  readonly isSilent: boolean
  readonly from: number
  readonly to: number
}

/** Decodes an mp3 with the `lame` of the rig's Debian, and says when it is silent. */
export function spellsOf(version: AsteriskVersion, mp3: Buffer): readonly Spell[] {
  const decoded = spawnSync(
    'chroot',
    [join(PREFIX, version), 'lame', '--quiet', '--mp3input', '--decode', '-', '-'],
    { input: mp3, maxBuffer: 64 * 1024 * 1024 },
  )
  if (decoded.status !== 0) throw new Error(`the recording cannot be decoded: ${decoded.stderr}`)
  const wav = decoded.stdout
  const [channels, rate] = [wav.readUInt16LE(22), wav.readUInt32LE(24)]
  const step = Math.round(rate * WINDOW_SECONDS) * channels * 2
  const spells: Spell[] = []
  for (let at = 44; at + step <= wav.length; at += step) {
    const isSilent = loudest(wav.subarray(at, at + step)) < QUIET
    const from = (at - 44) / (rate * channels * 2)
    const last = spells.at(-1)
    if (last?.isSilent === isSilent) spells[spells.length - 1] = { ...last, to: from + 0.1 }
    else spells.push({ isSilent, from, to: from + 0.1 })
  }
  return spells
}

function loudest(pcm: Buffer): number {
  let most = 0
  for (let at = 0; at + 1 < pcm.length; at += 2)
    most = Math.max(most, Math.abs(pcm.readInt16LE(at)))
  return most
}
