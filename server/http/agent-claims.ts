import * as v from 'valibot'
import { type AgentExtension, EVERY_CONNECTION } from '../../db/agents.ts'
import { RingsideError } from '../errors.ts'
import { toFieldErrors } from './route.ts'
import { newAgentInput, roleSchema, text } from './schemas.ts'
import { extension } from './setup-schemas.ts'

const MAX_AHEAD_SECONDS = 24 * 60 * 60
/** How far a helpdesk's clock may be ahead. An expired token gets nothing: it is easily renewed. */
const LEEWAY_SECONDS = 60

const extensionList = v.pipe(v.array(extension), v.maxLength(100))
const claimsSchema = v.object({
  sub: text(200, 1),
  exp: v.pipe(v.number(), v.finite()),
  nbf: v.optional(v.pipe(v.number(), v.finite())),
  aud: v.union([v.string(), v.array(v.string())]),
  name: v.optional(newAgentInput.entries.name),
  email: v.optional(v.nullable(text(320))),
  role: v.optional(roleSchema),
  extensions: v.optional(v.union([extensionList, v.record(text(100), extensionList)])),
})
export type AgentClaims = v.InferOutput<typeof claimsSchema>

/** Reads the claims of an agent's token (EMBED-7); throws `unauthorized` with the reason. */
export function parseAgentClaims(claims: unknown, now: Date): AgentClaims {
  const parsed = v.safeParse(claimsSchema, claims)
  if (!parsed.success) {
    const [wrong] = toFieldErrors(parsed.issues)
    throw refuse(`claim ${wrong?.path} ${wrong?.message}`)
  }
  const { aud, exp, nbf } = parsed.output
  const seconds = now.getTime() / 1000
  if (![aud].flat().includes('ringside')) throw refuse('claim aud is not "ringside"')
  if (exp <= seconds) throw refuse('the token has expired')
  if (exp > seconds + MAX_AHEAD_SECONDS + LEEWAY_SECONDS) {
    throw refuse('claim exp is more than 24 hours ahead')
  }
  if (nbf !== undefined && nbf > seconds + LEEWAY_SECONDS)
    throw refuse('the token is not valid yet')
  return parsed.output
}

/** The claim's two forms as rows; a connection that does not exist is left out. */
export function toExtensions(
  claim: NonNullable<AgentClaims['extensions']>,
  connectionIds: readonly string[],
): AgentExtension[] {
  if (Array.isArray(claim)) {
    return claim.map((extension) => ({ connectionId: EVERY_CONNECTION, extension }))
  }
  return Object.entries(claim).flatMap(([connectionId, extensions]) =>
    connectionIds.includes(connectionId)
      ? extensions.map((extension) => ({ connectionId, extension }))
      : [],
  )
}

function refuse(why: string): RingsideError {
  return new RingsideError('unauthorized', why)
}
