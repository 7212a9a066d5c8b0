import { readFile, stat } from 'node:fs/promises'
import type { AsteriskOptions } from '../setup/asterisk-options.ts'
import { createAmiEvents, wantedEvents } from './ami-events.ts'
import { createAmiParser } from './ami-parser.ts'
import type { PbxSource } from './link.ts'
import { toRaw } from './raw-fields.ts'

const MAX_BYTES = 256 * 1024 * 1024

/**
 * A file of recorded manager packets instead of a PBX (AMI-5 `filePath`). Read again, such as after a
 * restart, it says the same in the same places, and so makes nothing twice.
 */
export function createAmiFileSource(options: AsteriskOptions): PbxSource {
  let place = 0
  return {
    kind: 'ami',
    isRefusal: () => true,
    nextOrder: () => {
      place += 1
      return place
    },
    open: async (hear) => {
      const found = await stat(options.filePath).catch((error: unknown) => {
        throw new Error(`filePath ${options.filePath} cannot be read`, { cause: error })
      })
      // A device or a pipe may never end.
      if (!found.isFile()) throw new Error(`filePath ${options.filePath} is no file`)
      if (found.size > MAX_BYTES) throw new Error(`filePath ${options.filePath} is too large`)
      const bytes = await readFile(options.filePath)
      place = Math.floor(found.mtimeMs) * 1000
      const events = createAmiEvents({ extraFields: options.packetInfoConfig })
      const wanted = wantedEvents(options.packetInfoConfig, { queues: false })
      const parser = createAmiParser({
        wants: (name) => wanted.has(name.toLowerCase()),
        onPacket: (packet) => {
          const read = events.read(packet)
          if (read.length === 0) return
          const now = new Date()
          const time = { at: now, atKnown: false, arrivedAt: now }
          hear({ events: read, time, raw: toRaw(packet.fields) })
        },
      })
      parser.feed(bytes)
      const ended = Promise.withResolvers<string>()
      return {
        version: null,
        controls: new Set(),
        readState: async () => null,
        readEndpoints: async () => [],
        run: async () => ({ ok: false, code: 'not-supported', message: 'this PBX is a file' }),
        onUp: async () => undefined,
        ended: ended.promise,
        close: () => ended.resolve('closed by Ringside'),
      }
    },
  }
}
