/** What the server says about outgoing webhooks: its own schemas, as types. */
import type { InferOutput } from 'valibot'
import type { HookEvent } from '../../../db/outbox.ts'
import type { DeliveryView, HookView, newHookSchema } from '../../../server/http/hook-schemas.ts'

export type { HookEvent }

/** In the order in which things happen; a test holds that none is missing. */
export const EVENTS = [
  'call.started',
  'call.answered',
  'call.ended',
  'recording.ready',
  'case.created',
  'case.updated',
  'user.created',
  'user.linked',
] as const satisfies readonly HookEvent[]

export type Hook = HookView
export type Delivery = DeliveryView
export type MadeHook = InferOutput<typeof newHookSchema>

export interface List<T> {
  readonly items: readonly T[]
  readonly next: string | null
}
