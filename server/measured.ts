import type { Intake } from './intake.ts'
import type { Links } from './links/supervisor.ts'
import type { LinkFigure, Metrics } from './metrics.ts'
import type { NewEvent } from './sources/new-event.ts'

/** Counts events by their source as they are taken in, or cannot be. */
export function counted(
  accept: Intake['accept'],
  noteEvents: Metrics['noteEvents'],
): Intake['accept'] {
  const note = (events: readonly NewEvent[], isAccepted: boolean): void => {
    for (const { event } of events) noteEvents(event.source, 1, isAccepted)
  }
  return (events) =>
    accept(events).then(
      () => note(events, true),
      (error: unknown) => {
        note(events, false)
        throw error
      },
    )
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
