import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import type { ServerProcess } from './process.ts'
import type { UserFile } from './user-file.ts'

export const ADMIN_KEY = 'test-admin-key-test-admin-key'

export interface ImportReport {
  readonly state: 'running' | 'done'
  readonly lines: number
  readonly created: number
  readonly updated: number
  readonly unchanged: number
  readonly failed: number
  readonly errors: readonly { readonly line: number; readonly reason: string }[]
}

export interface WatchedImport {
  readonly id: string
  readonly report: ImportReport
  /** How many lines were done at each look. */
  readonly progress: readonly number[]
  /** The most memory that the server had at any look. */
  readonly maxRss: number
  /** The longest that a look took: so long would a webhook have waited. */
  readonly slowestMs: number
}

const headers = { authorization: `Bearer ${ADMIN_KEY}` }

/** Sends a file, piece by piece. */
export async function startImport(server: ServerProcess, file: UserFile): Promise<string> {
  const answer = await fetch(`${server.url}/api/users/import`, {
    method: 'POST',
    headers: { ...headers, 'content-type': file.type },
    body: Readable.toWeb(Readable.from(file.content())) as ReadableStream,
    duplex: 'half',
  } as RequestInit)
  assert.equal(answer.status, 202)
  return ((await answer.json()) as { id: string }).id
}

export async function importReport(server: ServerProcess, id: string): Promise<ImportReport> {
  const answer = await fetch(`${server.url}/api/users/imports/${id}`, { headers })
  assert.equal(answer.status, 200)
  return (await answer.json()) as ImportReport
}

/** What the server's memory takes, as it says itself. */
export async function rssOf(server: ServerProcess): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  return Number(/^process_resident_memory_bytes (\d+)$/m.exec(text)?.[1])
}

/** Imports a file and looks on until it is done, or until `stopAt` lines are. */
export async function watchImport(
  server: ServerProcess,
  file: UserFile,
  stopAt = Number.POSITIVE_INFINITY,
): Promise<WatchedImport> {
  return watchStarted(server, await startImport(server, file), stopAt)
}

/** Looks at an import that was started, until it is done, or until `stopAt` lines are. */
export async function watchStarted(
  server: ServerProcess,
  id: string,
  stopAt = Number.POSITIVE_INFINITY,
): Promise<WatchedImport> {
  const progress: number[] = []
  let maxRss = 0
  let slowestMs = 0
  for (;;) {
    const begin = performance.now()
    const report = await importReport(server, id)
    slowestMs = Math.max(slowestMs, performance.now() - begin)
    if (progress.at(-1) !== report.lines) {
      progress.push(report.lines)
      maxRss = Math.max(maxRss, await rssOf(server))
    }
    if (report.state === 'done' || report.lines >= stopAt) {
      return { id, report, progress, maxRss, slowestMs }
    }
  }
}

/** The report is that of a first import of the file, whole and in the order of its lines. */
export function checkReport(
  file: UserFile,
  { report, progress }: Pick<WatchedImport, 'report' | 'progress'>,
): void {
  const { errors, ...counts } = report
  assert.deepEqual(counts, {
    state: 'done',
    lines: file.lines,
    created: file.good,
    updated: 0,
    unchanged: 0,
    failed: file.bad,
  })
  assert.equal(errors.length, file.errors.length)
  for (const [at, { line, reason }] of file.errors.entries()) {
    assert.equal(errors[at]?.line, line)
    assert.ok(errors[at]?.reason.startsWith(reason), `${line}: ${errors[at]?.reason}`)
  }
  const rises = progress.every((each, at) => at === 0 || each > (progress[at - 1] ?? 0))
  assert.ok(rises, `progress went back: ${progress.join(' ')}`)
}
