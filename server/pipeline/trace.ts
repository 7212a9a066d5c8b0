import type { EventTrace } from '../../db/call-journal.ts'
import type { Call, CallEvent } from '../calls/call.ts'
import type { Unit } from './unit.ts'

type TraceAgent = EventTrace['agents'][number]

/** Who was shown a pop-up by this event and who was not, and why (CALL-19). */
export async function traceAgents(
  unit: Unit,
  event: CallEvent,
  call: Call,
  agents: Readonly<Record<string, string | null>>,
): Promise<readonly TraceAgent[]> {
  switch (event.type) {
    case 'ringing':
      return event.makesLegs === false ? [] : traceRinging(unit, event.extensions, call, agents)
    case 'answered':
      return traceAnswer(event.extension, call)
    default:
      return []
  }
}

async function traceRinging(
  unit: Unit,
  extensions: readonly string[],
  call: Call,
  agents: Readonly<Record<string, string | null>>,
): Promise<readonly TraceAgent[]> {
  const { pages, dismissals } = unit.work
  await pages.load(extensions.flatMap((extension) => agents[extension] ?? []))
  const dismissed = (await dismissals.find(call.id)) ?? []
  return extensions.map((extension) => {
    const agentId = agents[extension] ?? null
    const why = (code: TraceAgent['code'], reason: string): TraceAgent => ({
      agentId,
      extension,
      shown: code === 'rings',
      code,
      by: null,
      reason,
    })
    if (agentId === null) return why('unmapped', `${extension} is mapped to nobody`)
    const leg = call.legs.findLast((each) => each.extension === extension)
    if (leg?.result !== 'ringing') return why('over', `${extension} does not ring any more`)
    if (dismissed.includes(agentId)) return why('closed', 'closed by the agent')
    if (pages.peek(agentId) == null) return why('no-page', 'has no page open')
    return why('rings', 'rings')
  })
}

function traceAnswer(extension: string | null, call: Call): readonly TraceAgent[] {
  return call.legs.map((leg) => ({
    agentId: leg.agentId,
    extension: leg.extension,
    shown: false,
    ...(leg.extension === extension
      ? { code: 'answered', by: null, reason: 'answered' }
      : {
          code: 'elsewhere',
          by: extension,
          reason: `answered by ${extension ?? 'an unknown extension'}`,
        }),
  }))
}
