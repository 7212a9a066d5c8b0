/** The part of the HTTP contract by which agents control calls, queues and their own state. */
import * as v from 'valibot'
import { text } from './schemas.ts'

const line = (maxLength: number, minLength = 0) =>
  v.pipe(
    text(maxLength, minLength),
    v.check((value) => !/\p{Cc}/u.test(value), 'must not hold control characters'),
  )

/** Read as a number or an extension of the PBX later: what that is depends on the connection. */
const target = line(100, 1)

export const dialInput = v.object({ number: target, extension: v.optional(line(100, 1)) })
export const transferInput = v.object({ to: target, mode: v.picklist(['blind', 'attended']) })
export const dtmfInput = v.object({
  digits: v.pipe(v.string(), v.regex(/^[0-9*#A-D]{1,32}$/, 'must be up to 32 of 0-9, *, #, A-D')),
})
export const myStateInput = v.object({
  state: v.picklist(['free', 'away', 'offline']),
  reason: v.optional(line(200)),
})
export const myQueueInput = v.object({
  name: line(200, 1),
  paused: v.boolean(),
  reason: v.optional(line(80)),
})
export const queueSchema = v.object({
  connectionId: v.string(),
  name: v.string(),
  waiting: v.number(),
  members: v.array(
    v.object({
      agentId: v.nullable(v.string()),
      extension: v.string(),
      state: v.string(),
      paused: v.boolean(),
      reason: v.string(),
    }),
  ),
})
export type QueueView = v.InferOutput<typeof queueSchema>
