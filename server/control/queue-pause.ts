import { EVERY_CONNECTION, extensionsOfAgents } from '../../db/agents.ts'
import { listQueues } from '../../db/presence.ts'
import type { ControlOptions } from './control-options.ts'
import { type Refusal, toError } from './pbx.ts'

/** In every PBX of the agent's that has the queue; where queues are not traced, in those that can. */
export async function pauseInQueue(
  { database, pbx, connectionIds }: ControlOptions,
  asked: { name: string; paused: boolean; reason?: string | undefined },
  agentId: string,
): Promise<void> {
  const { name, paused, reason = '' } = asked
  const able = connectionIds().filter((id) => pbx.controls(id).has('queue-pause'))
  const own = (await extensionsOfAgents(database.db, [agentId])).get(agentId) ?? []
  const queues = (await listQueues(database.db)).filter((queue) => queue.name === name)
  const places = able.flatMap((connectionId) =>
    own
      .filter((each) => [EVERY_CONNECTION, connectionId].includes(each.connectionId))
      .map(({ extension }) => ({ connectionId, extension })),
  )
  const known = places.filter(({ connectionId, extension }) =>
    queues.some(
      (queue) =>
        queue.connectionId === connectionId &&
        queue.members.some((member) => member.extension === extension),
    ),
  )
  const meant = known.length > 0 ? known : queues.length > 0 ? [] : places
  if (meant.length === 0) throw toError('not-supported', `you cannot be paused in ${name}`)
  let refusal: Refusal | null = null
  let isDone = false
  for (const { connectionId, extension } of meant) {
    const command = { type: 'queue-pause', extension, queue: name, paused, reason } as const
    const answer = await pbx.run(connectionId, command)
    if (answer.ok) isDone = true
    else refusal = answer
  }
  if (!isDone && refusal !== null) throw toError(refusal.code, refusal.message)
}
