import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type postgres from 'postgres'

export type Cell = string | number | boolean | null

const CHUNK_LENGTH = 1 << 18

/** Writes rows by PostgreSQL's COPY; `into`: the table with its columns, `users (id, name)`. */
export async function copyRows(
  db: ReturnType<typeof postgres>,
  into: string,
  rows: Iterable<readonly Cell[]>,
): Promise<void> {
  const target = await db.unsafe(`copy ${into} from stdin`).writable()
  await pipeline(Readable.from(inChunks(rows)), target)
}

function* inChunks(rows: Iterable<readonly Cell[]>): Generator<string> {
  let chunk = ''
  for (const row of rows) {
    chunk += `${row.map(toText).join('\t')}\n`
    if (chunk.length < CHUNK_LENGTH) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}

function toText(cell: Cell): string {
  if (typeof cell !== 'string') return cell === null ? '\\N' : String(cell)
  return cell.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t')
}
