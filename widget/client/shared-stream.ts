/** The stream with all that belongs to it, loaded in one piece. */
import { createStream, type Stream, type StreamOptions } from './stream.ts'
import { createSharedStream, type SharedOptions } from './tabs.ts'

export type LineOptions = Omit<SharedOptions, 'open'> &
  Pick<StreamOptions, 'url' | 'getToken' | 'events'>

/** Opens the agent's one stream, shared by the tabs of this browser. */
export function openSharedStream({ url, getToken, events, ...shared }: LineOptions): Stream {
  return createSharedStream({
    ...shared,
    open: (more) => createStream({ url, getToken, events, ...more }),
  })
}
