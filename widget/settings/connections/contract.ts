/** What the server says about connections: its own schemas, as types. */
import type { InferOutput } from 'valibot'
import type {
  AgentListItem,
  connectionLogItem,
  connectionSchema,
  endpointSchema,
} from '../../../server/http/setup-schemas.ts'

export type Connection = InferOutput<typeof connectionSchema>
export type LinkState = Connection['status']['ari']
export type LogItem = InferOutput<typeof connectionLogItem>
export type Agent = AgentListItem
export type Endpoint = Pick<
  InferOutput<typeof endpointSchema>,
  'technology' | 'resource' | 'extension' | 'state'
>
export interface List<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** What the test of an account found. */
export interface Check {
  readonly ok: boolean
  readonly code: string
  readonly message: string
  readonly hint: string
  /** By ARI: the phones and trunks that the PBX knows. */
  readonly endpoints?: readonly Pick<Endpoint, 'technology' | 'resource' | 'state'>[]
}
export interface TestResult {
  readonly ari?: Check
  readonly ami?: Check
}

/** Whose an extension is. */
export interface Assignment {
  readonly extension: string
  readonly agentId: string | null
  readonly canAnswer: boolean
}

export interface ChecklistStep {
  readonly alias: string
  readonly state: 'seen' | 'missing'
  readonly firstAt: string | null
}
export interface ChecklistItem {
  readonly flow: string
  readonly steps: readonly ChecklistStep[]
  readonly done: boolean
  readonly hint: string
}

export function pathOf(connectionId: string, part = ''): string {
  const path = `/api/connections/${encodeURIComponent(connectionId)}`
  return part === '' ? path : `${path}/${part}`
}
