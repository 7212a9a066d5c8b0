import type { CallFlow } from '../setup/checklist.ts'
import type { Alias } from '../setup/connection.ts'

interface FlowEvent {
  readonly flow: CallFlow
  readonly alias: Alias
}

/**
 * In which of the call flows (ADMIN-3) these events of one call were, in their order. Starts and
 * ends say only how a call began and ended: who was rung tells a queue from a person, and an end
 * without an answer is a missed call.
 */
export function flowsOf(events: readonly Alias[]): readonly FlowEvent[] {
  const has = (alias: Alias): boolean => events.includes(alias)
  const among = (flow: CallFlow, aliases: readonly Alias[]): FlowEvent[] =>
    aliases.filter(has).map((alias) => ({ flow, alias }))
  const outgoing = among('outgoing', ['outgoing_start', 'outgoing_answer', 'outgoing_end'])
  // Where a queue gave the call on to a person, or the other way round, the last one rung answers.
  const rung = events.findLast((alias) => alias === 'incoming_ring' || alias === 'incoming_queue')
  if (rung === undefined) return outgoing
  const flow = rung === 'incoming_queue' ? 'queue' : 'personal'
  const isMissed = has('incoming_end') && !has('incoming_answer')
  return [
    ...outgoing,
    ...among(flow, ['incoming_start', rung, 'incoming_answer', 'incoming_end']),
    ...(isMissed ? among('missed', ['incoming_start', rung, 'incoming_end']) : []),
  ]
}
