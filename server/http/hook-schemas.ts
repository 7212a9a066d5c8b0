/** The part of the HTTP contract about outgoing webhooks (ADMIN-7). */
import * as v from 'valibot'
import { HOOK_EVENTS } from '../../db/outbox.ts'
import { instant, listQuery, text } from './schemas.ts'

/** Null: all, those of later versions too. */
const events = v.nullable(
  v.pipe(v.array(v.picklist(HOOK_EVENTS)), v.minLength(1), v.maxLength(HOOK_EVENTS.length)),
)
export const newHookInput = v.object({ url: text(2000, 1), events: v.optional(events) })
export const hookPatchInput = v.object({
  url: v.optional(text(2000, 1)),
  events: v.optional(events),
  enabled: v.optional(v.boolean()),
})
/** `secret` is shown this once. */
export const newHookSchema = v.object({ id: v.string(), secret: v.string() })
export const rotatedSecretSchema = v.object({ secret: v.string(), oldWorksUntil: instant })

export const hookSchema = v.object({
  id: v.string(),
  url: v.string(),
  events: v.nullable(v.array(v.string())),
  /**
   * `retrying`: something is tried again; `failing`: something could not be delivered for three days,
   * and nothing has been since; `disabled`: nothing is sent.
   */
  state: v.picklist(['active', 'retrying', 'failing', 'disabled']),
  /** Why it is in that state. */
  reason: v.nullable(v.string()),
  stateAt: v.nullable(instant),
  deliveredAt: v.nullable(instant),
  /** How many deliveries wait. */
  pending: v.number(),
  /** Until when the secret before the present one signs too. */
  oldWorksUntil: v.nullable(instant),
  createdAt: instant,
})
export type HookView = v.InferOutput<typeof hookSchema>

export const deliverySchema = v.object({
  id: v.string(),
  /** The `webhook-id`: the same whenever this is sent. */
  eventId: v.string(),
  type: v.string(),
  /** `waiting`: for an earlier one of the same case or call, which is tried again. */
  state: v.picklist(['waiting', 'pending', 'delivered', 'failed']),
  attempts: v.number(),
  createdAt: instant,
  lastAt: v.nullable(instant),
  nextAt: v.nullable(instant),
  /** The HTTP status of the last answer; null: there was none. */
  status: v.nullable(v.number()),
  reason: v.nullable(v.string()),
  milliseconds: v.nullable(v.number()),
})
export type DeliveryView = v.InferOutput<typeof deliverySchema>

export const deliveriesQuery = v.object({
  ...listQuery.entries,
  state: v.optional(v.picklist(['pending', 'delivered', 'failed'])),
})
