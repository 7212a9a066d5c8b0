import {
  type AsteriskVersion,
  type ExpectedCall,
  loadScenario,
} from '../../server/simulate/scenario.ts'

/** One call to make, and what Ringside must say of it afterwards. */
export interface PlannedCall {
  readonly name: string
  readonly scenario: string
  readonly trunk: 'raw' | 'enc'
  /** The customer's number: another one for every call, so that the cases do not meet. */
  readonly number: string
  readonly expected: ExpectedCall
  /** What kind of file the dialplan uploads; an mp3 unless said otherwise. */
  readonly recorded?: string
}

export const SCENARIOS = [
  'incoming-answered',
  'incoming-missed',
  'incoming-queue-answered',
  'incoming-queue-abandoned',
  'outgoing-answered',
  'outgoing-unanswered',
  'hold-resume',
] as const

/** Every scenario through the plain and through the URL-encoding dialplan. */
export async function planCalls(
  version: AsteriskVersion,
  only: string | undefined,
): Promise<readonly PlannedCall[]> {
  const planned: PlannedCall[] = []
  for (const scenario of SCENARIOS) {
    const expected = (await loadScenario(scenario, version))?.expected[0]
    if (expected === undefined) throw new Error(`scenario ${scenario} has no call`)
    for (const trunk of ['raw', 'enc'] as const) {
      const name = trunk === 'raw' ? scenario : `${scenario}-enc`
      const number = `${trunk === 'raw' ? '' : '+'}7916123${1000 + planned.length}`
      planned.push({ name, scenario, trunk, number, expected: adapt(expected, trunk) })
    }
  }
  return only === undefined
    ? planned
    : planned.filter(({ name, scenario }) => name === only || scenario === only)
}

/**
 * What differs through the encoding dialplan: another agent dials out, and MixMonitor's own command
 * uploads a file for every call, an empty one where nobody talked.
 */
function adapt(expected: ExpectedCall, trunk: 'raw' | 'enc'): ExpectedCall {
  if (trunk === 'raw') return expected
  const agent = expected.agent === undefined ? {} : { agent: '104' }
  return { ...expected, ...agent, recordingUploaded: true }
}
