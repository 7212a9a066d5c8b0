import { type Played, watchLife } from './fuzz-alive.ts'
import { fuzzAmi } from './fuzz-ami.ts'
import { fuzzAri } from './fuzz-ari.ts'
import { type FuzzOptions, fuzzRequests } from './fuzz-run.ts'
import type { FuzzServer } from './fuzz-server.ts'

export interface PlayOptions extends FuzzOptions {
  /** Of noise from a manager interface. */
  readonly megabytes: number
  /** On websockets of ARI. */
  readonly frames: number
  readonly say: (line: string) => void
}

/** Requests, AMI and ARI against the running server, one after the other; 0 leaves one out. Gives what failed. */
export async function playAll(server: FuzzServer, options: PlayOptions): Promise<string[]> {
  const life = watchLife(server)
  const failures: string[] = []
  for (const play of [fuzzRequests, fuzzAmi, fuzzAri]) {
    const played = await play(server, options).catch((error: unknown) => brokenOff(error))
    for (const line of played.lines) options.say(line)
    failures.push(...played.failures, ...(await life.look()))
    // Of a server that is gone, or answers nobody, the other parts would say nothing new.
    if (!(await isThere(server))) break
  }
  return failures
}

function brokenOff(error: unknown): Played {
  return { lines: [], failures: [`broken off: ${error instanceof Error ? error.stack : error}`] }
}

function isThere(server: FuzzServer): Promise<boolean> {
  return server.healthMs().then(
    () => true,
    () => false,
  )
}
