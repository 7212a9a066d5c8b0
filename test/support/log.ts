import type { Log } from '../../server/log.ts'

export interface TestLog extends Log {
  readonly entries: { level: string; event: string; facts: Record<string, unknown> }[]
}

/** A log that keeps what it is told. */
export function createTestLog(): TestLog {
  const entries: TestLog['entries'] = []
  const at =
    (level: string) =>
    (event: string, facts: Record<string, unknown> = {}): void => {
      entries.push({ level, event, facts })
    }
  return { entries, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
