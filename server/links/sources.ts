import type { Log } from '../log.ts'
import { createAmiFileSource } from '../sources/ami-file.ts'
import { createAmiSource } from '../sources/ami-link.ts'
import { type AriInlet, createAriSocketSource, createAriSource } from '../sources/ari-link.ts'
import type { PlannedLink, SourceParts } from './held.ts'

/** An account as a source: a file in the place of the manager account, where that is set. */
export function createSource(
  parts: SourceParts,
  more: { readonly log: Log; readonly inlet: AriInlet },
): PlannedLink {
  const { accounts, kind } = parts
  const { id: connectionId, ami, ari, options } = accounts
  if (kind === 'ari') {
    return ari === null
      ? {
          source: createAriSocketSource({ ...parts, options, inlet: more.inlet }),
          tellsCalls: true,
        }
      : {
          source: createAriSource({ ...parts, options, account: ari, connectionId }),
          tellsCalls: ari.events,
        }
  }
  if (options.filePath !== '' || ami === null) {
    return { source: createAmiFileSource(options), tellsCalls: true }
  }
  const onProblem = (problem: string, error: unknown): void =>
    more.log.warn('ami.problem', { connectionId, problem, error })
  return {
    source: createAmiSource({ ...parts, options, account: ami, onProblem }),
    tellsCalls: ami.events,
  }
}
