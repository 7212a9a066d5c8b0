import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'csv-parse/sync'
import type { AsteriskVersion } from '../../../server/simulate/scenario.ts'
import { folderOf, type Place } from '../rig.ts'

/** What the PBX itself wrote down of a call with somebody outside (Channel Event Logging). */
export interface LoggedCall {
  /** Of every channel that took part. */
  readonly uniqueIds: ReadonlySet<string>
  readonly direction: 'incoming' | 'outgoing'
  readonly isAnswered: boolean
  readonly startedAt: Date
  /** Null where the PBX was killed before. */
  readonly endedAt: Date | null
  /** The last thing that is known of it. */
  readonly lastAt: Date
}

interface CelRow {
  readonly type: string
  readonly at: number
  readonly uniqueId: string
  readonly linkedId: string
  readonly channel: string
}

const FILE = 'ringside.csv'
const RIG = join(import.meta.dirname, '../rig/etc')

/** Configuration with which Asterisk logs every channel's events to a file, one write for each. */
export function celConf(): Readonly<Record<string, string>> {
  const columns = [
    `\${eventtype}`,
    `\${eventtime}`,
    `\${CHANNEL(uniqueid)}`,
    `\${CHANNEL(linkedid)}`,
    `\${CHANNEL(channame)}`,
  ].map((name) => `\${CSV_QUOTE(${name})}`)
  const modules = readFileSync(join(RIG, 'modules.conf'), 'utf8')
  return {
    'cel.conf': '[general]\nenable = yes\napps = all\nevents = ALL\n',
    'cel_custom.conf': `[mappings]\n${FILE} => ${columns.join(',')}\n`,
    'modules.conf': modules.replace('noload => cel_custom.so\n', ''),
  }
}

/** Where that file is; empty again, in a folder that Asterisk does not make. */
export function newCelFile(version: AsteriskVersion, place: Place): string {
  const file = join(folderOf(version, place, 'log'), 'cel-custom', FILE)
  rmSync(file, { force: true })
  mkdirSync(dirname(file), { recursive: true })
  return file
}

/** The calls with somebody outside, as far as they are in the file. */
export function readLoggedCalls(file: string): readonly LoggedCall[] {
  const groups = new Map<string, CelRow[]>()
  for (const row of readRows(file)) unite(groups, row)
  const calls = [...new Set(groups.values())].map(toCall)
  return calls.filter((call) => call !== null)
}

/** A channel's linked id changes when calls become one: whatever shares an id is one call. */
function unite(groups: Map<string, CelRow[]>, row: CelRow): void {
  const [a, b] = [groups.get(row.uniqueId), groups.get(row.linkedId)]
  const rows = a === undefined || a === b ? (b ?? a ?? []) : [...a, ...(b ?? [])]
  rows.push(row)
  for (const { uniqueId, linkedId } of a === b ? [row] : rows) {
    groups.set(uniqueId, rows)
    groups.set(linkedId, rows)
  }
}

function readRows(file: string): readonly CelRow[] {
  const rows: string[][] = parse(readFileSync(file, 'utf8'), { relaxColumnCount: true })
  // A write that was under way when the PBX was killed is no row.
  return rows.flatMap(([type, at, uniqueId, linkedId, channel]) =>
    type && at && uniqueId && linkedId && channel !== undefined
      ? [{ type, at: Number(at) * 1000, uniqueId, linkedId, channel }]
      : [],
  )
}

function toCall(rows: readonly CelRow[]): LoggedCall | null {
  const sorted = rows.toSorted((a, b) => a.at - b.at)
  const isOutside = ({ channel }: CelRow): boolean => channel.startsWith('PJSIP/trunk')
  const [first] = sorted
  const last = sorted.at(-1)
  if (first === undefined || last === undefined || !sorted.some(isOutside)) return null
  const isOver = sorted.some(({ type }) => type === 'LINKEDID_END')
  return {
    uniqueIds: new Set(rows.map(({ uniqueId }) => uniqueId)),
    direction: isOutside(first) ? 'incoming' : 'outgoing',
    isAnswered: sorted.some(({ type }) => type === 'BRIDGE_ENTER'),
    startedAt: new Date(first.at),
    endedAt: isOver ? new Date(last.at) : null,
    lastAt: new Date(last.at),
  }
}
