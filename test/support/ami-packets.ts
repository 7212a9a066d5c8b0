import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AmiPacket } from '../../server/sources/ami-packet.ts'
import { createAmiParser } from '../../server/sources/ami-parser.ts'

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'ami')

/** The folders of `test/fixtures/ami`: versions of Asterisk, 11 by hand. */
export const FIXTURE_VERSIONS = ['11', '16', '22'] as const
export type FixtureVersion = (typeof FIXTURE_VERSIONS)[number]

/** What a manager connection sent, as packets. */
export function toPackets(bytes: Uint8Array): readonly AmiPacket[] {
  const packets: AmiPacket[] = []
  createAmiParser({ onPacket: (packet) => packets.push(packet) }).feed(bytes)
  return packets
}

/** One packet by its lines, such as `Event: Hold`. */
export function toPacket(...lines: readonly string[]): AmiPacket {
  const [packet] = toPackets(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`))
  if (packet === undefined) throw new Error(`no packet: ${lines.join(' | ')}`)
  return packet
}

/** The names of the calls that a folder of `test/fixtures/ami` holds; lists are no calls. */
export async function listAmiFixtures(version: FixtureVersion): Promise<readonly string[]> {
  const files = await readdir(join(FIXTURES, version))
  return files
    .filter((file) => /^[a-z0-9-]+\.txt$/.test(file))
    .map((file) => file.replace(/\.txt$/, ''))
    .sort()
}

/** The packets of a file of `test/fixtures/ami`. */
export async function loadPackets(
  version: FixtureVersion,
  name: string,
): Promise<readonly AmiPacket[]> {
  return toPackets(await readFile(join(FIXTURES, version, `${name}.txt`)))
}

/** What ARI told of the same call. */
export async function loadAriEvents(
  version: FixtureVersion,
  name: string,
): Promise<readonly unknown[]> {
  const text = await readFile(join(FIXTURES, version, `${name}.ari.ndjson`), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { event: unknown }).event)
}

/** An answer of ARI beside the lists of AMI. */
export async function loadAriAnswer(version: FixtureVersion, name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(FIXTURES, version, `${name}.json`), 'utf8'))
}
