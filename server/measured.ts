import type { Intake } from './intake.ts'
import type { Links } from './links/supervisor.ts'
import type { LinkFigure, Metrics } from './metrics.ts'

/** Counts events by their source as they are taken in, or cannot be. */
export function counted(
  accept: Intake['accept'],
  noteEvents: Metrics['noteEvents'],
): Intake['accept'] {
  return async (events) => {
    const note = (isAccepted: boolean): void => {
      for (const { event } of events) noteEvents(event.source, 1, isAccepted)
    }
    await accept(events).catch((error: unknown) => {
      note(false)
      throw error
    })
    note(true)
  }
}

/** The state of each account that a connection has; by its id, since a name may say whose it is. */
export function linkFigures(
  connections: readonly { readonly id: string }[],
  links: Pick<Links, 'status'> | null,
): LinkFigure[] {
  return connections.flatMap(({ id }) =>
    (['ari', 'ami'] as const).flatMap((kind) => {
      const state = links?.status(id, kind).state ?? 'off'
      return state === 'off' ? [] : [{ connectionId: id, kind, state }]
    }),
  )
}
