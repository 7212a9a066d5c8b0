import type { Log } from '../log.ts'
import { createAmiFileSource } from '../sources/ami-file.ts'
import { createAmiSource } from '../sources/ami-link.ts'
import type { PlannedLink, SourceParts } from './held.ts'

/** The accounts of a connection as sources: a file in the place of the manager account, where set. */
export function createSources(log: Log): (parts: SourceParts) => readonly PlannedLink[] {
  return (parts) => {
    const { accounts, onQueues, onDevice } = parts
    const { id: connectionId, ami, options } = accounts
    const planned: PlannedLink[] = []
    if (options.filePath !== '') {
      planned.push({ source: createAmiFileSource(options), tellsCalls: true })
    } else if (ami !== null) {
      const source = createAmiSource({
        account: ami,
        options,
        channels: parts.channels('ami'),
        onQueues,
        onDevice,
        onProblem: (problem, error) => log.warn('ami.problem', { connectionId, problem, error }),
      })
      planned.push({ source, tellsCalls: ami.events })
    }
    return planned
  }
}
