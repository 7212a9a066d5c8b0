import type { Delivery } from '../../db/hook-deliveries.ts'
import type { ListedHook } from '../../db/hooks.ts'
import { toIso } from '../calls/call-view.ts'
import type { DeliveryView, HookView } from './hook-schemas.ts'

/** A hook without its secrets. */
export function toHookView(hook: ListedHook): HookView {
  const isRetrying = hook.state === 'active' && hook.trouble !== null
  return {
    id: hook.id,
    url: hook.url,
    events: hook.events === null ? null : [...hook.events],
    state: isRetrying ? 'retrying' : hook.state,
    reason: isRetrying ? (hook.trouble?.reason ?? null) : hook.stateReason,
    stateAt: toIso(isRetrying ? (hook.trouble?.at ?? null) : hook.stateAt),
    deliveredAt: toIso(hook.deliveredAt),
    pending: hook.pending,
    oldWorksUntil: toIso(hook.oldWorksUntil),
    createdAt: hook.createdAt.toISOString(),
  }
}

/** A delivery; what was sent and what came back stay where they are. */
export function toDeliveryView(delivery: Delivery): DeliveryView {
  return {
    id: delivery.id,
    eventId: delivery.eventId,
    type: delivery.type,
    state: delivery.state === 'due' ? 'pending' : delivery.state,
    attempts: delivery.attempts,
    createdAt: delivery.createdAt.toISOString(),
    lastAt: toIso(delivery.lastAt),
    nextAt: delivery.state === 'due' ? toIso(delivery.nextAt) : null,
    status: delivery.lastStatus,
    reason: delivery.lastReason,
    milliseconds: delivery.lastMs,
  }
}
