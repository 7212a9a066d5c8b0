import { AriError } from './ari-error.ts'
import { readString } from './ari-fields.ts'
import type { AriRest } from './ari-rest.ts'
import type { CallParts, Control, PartOfCall, PbxAnswer, PbxCommand } from './pbx.ts'

export interface AriControlOptions {
  readonly rest: AriRest
  readonly partsOf: (uniqueId: string) => CallParts | null
  /** The context in which the number is dialled; empty: no dialling. */
  readonly originateContext: string
  /** Such as `PJSIP`: the technology of the extension's endpoint. */
  readonly technologyOf?: (extension: string) => string | null
  /** The account may not change anything, so nothing is offered. */
  readonly isReadOnly?: boolean
}

export interface AriControl {
  readonly controls: ReadonlySet<Control>
  run(command: PbxCommand): Promise<PbxAnswer>
}

/** Which character stands in a number or the name of an extension: all else could be dialplan (SAFE-6). */
const NUMBER = /^(?:[+*#0-9]{1,40}|[A-Za-z0-9_.-]{1,40})$/
const CONTEXT = /^[\w.-]{1,80}$/
const TECHNOLOGY = /^[A-Za-z0-9_]{1,20}$/
const UNIQUE_ID = /^[\w.-]{1,150}$/
const RING_SECONDS = '30'

/** Call control by ARI alone: dial and hang up; the rest Asterisk answers with 409 (CTL-1). */
export function createAriControl(options: AriControlOptions): AriControl {
  const controls = new Set<Control>()
  if (options.isReadOnly !== true) {
    controls.add('hangup')
    if (CONTEXT.test(options.originateContext)) controls.add('dial')
  }
  return {
    controls,
    run: async (command) => {
      if (!controls.has(command.type)) return refusal('not-supported', 'the PBX cannot do this')
      if (command.type === 'dial') return dial(options, command)
      if (command.type === 'hangup') return hangup(options, command)
      return refusal('not-supported', 'ARI can only dial and hang up')
    },
  }
}

/** CTL-2: the agent's phone first; its display shows the number, the caller id stays the agent's. */
async function dial(
  options: AriControlOptions,
  command: Extract<PbxCommand, { type: 'dial' }>,
): Promise<PbxAnswer> {
  const { extension, number, uniqueId } = command
  const technology = options.technologyOf?.(extension) ?? 'PJSIP'
  const isSound =
    NUMBER.test(extension) &&
    NUMBER.test(number) &&
    UNIQUE_ID.test(uniqueId) &&
    TECHNOLOGY.test(technology)
  if (!isSound) return refusal('not-supported', 'this is not a number that can be dialled')
  try {
    await options.rest.post(
      'channels',
      {
        endpoint: `${technology}/${extension}`,
        extension: number,
        context: options.originateContext,
        priority: '1',
        channelId: uniqueId,
        timeout: RING_SECONDS,
      },
      // `i`: nobody else is told of it yet.
      { variables: { 'CONNECTEDLINE(name,i)': number, 'CONNECTEDLINE(num,i)': number } },
    )
    return { ok: true }
  } catch (error) {
    const answer = answerOf(error)
    return answer.code === 'refused-by-pbx' && (await isOffline(options, technology, extension))
      ? refusal('refused-by-pbx', `the phone of ${extension} is not connected to the PBX`)
      : answer
  }
}

/** Asterisk only says "Allocation failed" of a phone that is not registered. */
async function isOffline(
  { rest }: AriControlOptions,
  technology: string,
  extension: string,
): Promise<boolean> {
  try {
    const path = `endpoints/${technology}/${encodeURIComponent(extension)}`
    return readString(await rest.get(path), 'state') !== 'online'
  } catch (error) {
    return error instanceof AriError && error.code === 'not-found'
  }
}

/** The agent's own channel; where the customer alone is left, the customer's. */
async function hangup(
  options: AriControlOptions,
  command: { readonly uniqueId: string; readonly extension: string },
): Promise<PbxAnswer> {
  const parts = options.partsOf(command.uniqueId)
  const channel = parts === null ? null : channelToEnd(parts, command.extension)
  if (channel === null) return refusal('wrong-state', 'there is nothing to hang up')
  try {
    await options.rest.delete(`channels/${encodeURIComponent(channel.channelId)}`)
    return { ok: true }
  } catch (error) {
    if (error instanceof AriError && error.code === 'not-found')
      return refusal('wrong-state', 'the call is over')
    return answerOf(error)
  }
}

function channelToEnd(parts: CallParts, extension: string): PartOfCall | null {
  return parts.agents.get(extension) ?? (parts.agents.size === 0 ? parts.customer : null)
}

type Refused = Extract<PbxAnswer, { ok: false }>

function answerOf(error: unknown): Refused {
  if (!(error instanceof AriError)) throw error
  const isAway = error.code === 'unreachable' || error.code === 'timeout' || error.code === 'tls'
  return refusal(isAway ? 'pbx-away' : 'refused-by-pbx', error.message)
}

function refusal(code: Refused['code'], message: string): Refused {
  return { ok: false, code, message }
}
