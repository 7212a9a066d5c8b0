import type { ExpectedCall } from '../simulate/scenario.ts'

/** The demo's agents and what rings them. */
export const DEMO_AGENTS = [
  { key: 'anna', externalId: 'demo-anna', name: 'Anna Berg', extension: '101' },
  { key: 'boris', externalId: 'demo-boris', name: 'Boris Lind', extension: '102' },
  { key: 'clara', externalId: 'demo-clara', name: 'Clara Voss', extension: '103' },
] as const
export type DemoAgent = (typeof DEMO_AGENTS)[number]

const DANA = '+12025550143'
const OMAR = '+12025550178'
const LENA = '+493023125112'

/** Customers whose numbers the recorded calls get; all numbers are reserved for examples. */
export const DEMO_USERS = [
  {
    externalId: 'demo-dana',
    name: 'Dana Whitfield',
    email: 'dana.whitfield@example.com',
    company: 'Fabrikam Foods',
    phones: [DANA],
    note: 'Prefers to be called in the morning.',
  },
  {
    externalId: 'demo-omar',
    name: 'Omar Haddad',
    email: 'omar.haddad@example.com',
    company: 'Alpine Ski House',
    phones: [OMAR],
    note: '',
  },
  {
    externalId: 'demo-lena',
    name: 'Lena Sommer',
    email: 'lena.sommer@example.com',
    company: 'Adatum Logistik',
    phones: [LENA],
    note: 'Speaks German and English.',
  },
  {
    externalId: 'demo-priya',
    name: 'Priya Raman',
    email: 'priya.raman@example.com',
    company: 'Tailspin Toys',
    phones: ['+442079460958'],
    note: '',
  },
] as const

/** A recorded call that the demo can play, with the customer's number in it; `#` is any digit. */
export interface Play {
  readonly scenario: string
  readonly customer: string
}

export const PLAYS: Readonly<Record<string, Play>> = {
  'incoming-answered': { scenario: 'incoming-answered', customer: DANA },
  'incoming-missed': { scenario: 'incoming-missed', customer: OMAR },
  'queue-answered': { scenario: 'incoming-queue-answered', customer: LENA },
  'queue-abandoned': { scenario: 'incoming-queue-abandoned', customer: OMAR },
  'outgoing-answered': { scenario: 'outgoing-answered', customer: OMAR },
  'outgoing-unanswered': { scenario: 'outgoing-unanswered', customer: DANA },
  known: { scenario: 'incoming-answered-enc', customer: LENA },
  unknown: { scenario: 'incoming-answered', customer: '+1202555010#' },
  anonymous: { scenario: 'incoming-answered', customer: '' },
}

/**
 * Recorded extension → the demo's. Whoever presses the button plays the leading part: the one who
 * answers, who dialled, or else the first one who rang; the colleagues take the other parts.
 */
export function castExtensions(call: ExpectedCall, own: string): Readonly<Record<string, string>> {
  const lead = [call.answeredBy, call.agent].find((one) => one != null && one !== 'customer')
  const recorded = [...new Set([lead ?? call.agentsRung[0] ?? own, ...call.agentsRung])]
  const demo = [...new Set([own, ...DEMO_AGENTS.map(({ extension }) => extension)])]
  return Object.fromEntries(recorded.map((from, part) => [from, demo[part] ?? from]))
}
