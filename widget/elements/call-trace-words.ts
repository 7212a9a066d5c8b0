/** The trace of a call in sentences: from facts and codes, so that each is said in the agent's language (CALL-19). */
import type { CallView } from '../../server/http/schemas.ts'
import type { TraceItem } from '../client/load-trace.ts'
import type { State } from '../client/state.ts'
import { phone, plain } from '../format.ts'
import { span } from '../format-time.ts'
import { enCall } from '../i18n/en-call.ts'
import { enTrace } from '../i18n/en-trace.ts'
import { addEnglish, currentLocale, type Key, t } from '../i18n/t.ts'

addEnglish(enCall)
addEnglish(enTrace)

export type Shown = TraceItem['agents'][number]
export type Change = TraceItem['changes'][number]

/** An event that comes this much later than others of its source is late. */
const LATE_MS = 3_000
/** A PBX whose clock differs by less needs no word about it. */
const CLOCK_MS = 30_000

/** What the words are made of. */
export interface Told {
  readonly state: State
  readonly items: readonly TraceItem[]
  /** Null where the call itself is not known here. */
  readonly call: CallView | null
}

/** Who an extension is, as far as the trace or the list of agents tells. */
export function who({ state, items }: Told, extension: string): string {
  const traced = items.flatMap(({ agents }) => agents).find((one) => one.extension === extension)
  const known =
    traced?.agentId ??
    [...state.agents.values()].find((one) =>
      one.extensions.some((each) => each.extension === extension),
    )?.id
  const name = agentName(state, known ?? null)
  const number = plain(extension)
  return name === null
    ? t('trace.extension', { extension: number })
    : t('trace.named', { name, extension: number })
}

function agentName(state: State, agentId: string | null): string | null {
  const name = agentId === null ? '' : plain(state.agents.get(agentId)?.name ?? '')
  return name === '' ? null : name
}

/** What happened, as one sentence. */
export function sentence(told: Told, item: TraceItem): string {
  const { event } = item
  const { state } = told
  const [first] = event.extensions
  const all = list(event.extensions.map((one) => who(told, one)))
  const one = first === undefined ? null : who(told, first)
  switch (event.type) {
    case 'started':
      return started(told, event)
    case 'ringing':
      return event.queue === null
        ? t('trace.ring', { who: all })
        : t('trace.queueRings', { queue: plain(event.queue), who: all })
    case 'ring-ended':
      return t('trace.stopped', { who: all, why: resultText(event.result) })
    case 'answered':
      if (event.direction === 'outgoing') return t('trace.theyTookIt')
      return one === null ? t('trace.somebodyTookIt') : t('trace.tookIt', { who: one })
    case 'held':
      return one === null ? t('trace.held') : t('trace.heldBy', { who: one })
    case 'resumed':
      return one === null ? t('trace.resumed') : t('trace.resumedBy', { who: one })
    case 'left':
      return t('trace.left', { who: all })
    case 'ended':
      return event.result === null
        ? t('trace.ended')
        : t('trace.endedBecause', { why: resultText(event.result) })
    case 'recorded':
      return t('trace.recorded', { type: event.result ?? '', size: size(Number(event.detail)) })
    case 'closed':
      return event.agentId === null
        ? t('trace.silent')
        : t('trace.closedBy', { who: agentName(state, event.agentId) ?? t('trace.someone') })
    case 'action':
      return asked(state, event)
    default:
      return plain(item.reading)
  }
}

function started(told: Told, event: TraceItem['event']): string {
  // An extension on either side is somebody; anything else is a number.
  const side = (value: string | null, empty: Key) => {
    const text = plain(value ?? '')
    if (text === '') return t(empty)
    const written = [told.call?.from, told.call?.to].find((one) => one?.raw === value)
    const isKnown = [...told.state.agents.values()].some((one) =>
      one.extensions.some((each) => each.extension === text),
    )
    return isKnown ? who(told, text) : written ? phone(written) : text
  }
  const values = { from: side(event.from, 'anonymous'), to: side(event.to, 'trace.nowhere') }
  if (event.direction === 'outgoing') return t('trace.outgoing', values)
  return t(event.direction === 'internal' ? 'trace.internal' : 'trace.incoming', values)
}

function asked(state: State, { agentId, action, result, detail }: TraceItem['event']): string {
  const by = agentId === null ? t('trace.program') : agentName(state, agentId)
  const key = `do.${action}`
  const own = action === 'dial' ? t('trace.dial') : plain(action ?? '')
  const values = {
    who: by ?? t('trace.someone'),
    action: key in enCall ? t(key as Key) : own,
  }
  if (result === 'done') return t('trace.asked', values)
  return t('trace.askedFailed', { ...values, why: plain(detail ?? result ?? '') })
}

/** Why somebody was shown a pop-up, or was not. */
export function reason(told: Told, shown: Shown): string {
  switch (shown.code) {
    case 'rings':
    case 'unmapped':
    case 'no-page':
    case 'closed':
    case 'over':
    case 'answered':
      return t(`trace.${shown.code}`)
    case 'elsewhere':
      return shown.by === null
        ? t('trace.elsewhereUnknown')
        : t('trace.elsewhere', { who: who(told, shown.by) })
    default:
      return plain(shown.reason)
  }
}

/** What a rule did: the sentence, and what the case was set to. */
export function changeText(state: State, change: Change): { title: string; details: string } {
  const number = String(change.number ?? '?')
  const key = `trace.${change.type}`
  const title = key in enTrace ? t(key as Key, { number }) : plain(change.type)
  const { assigneeId, handset, status } = change
  const details = [
    status === undefined || !(STATUSES as readonly string[]).includes(status)
      ? null
      : t(`status.${status as (typeof STATUSES)[number]}`),
    handset === 'red' || handset === 'green' ? t(`trace.${handset}`) : null,
    assigneeId === undefined
      ? null
      : assigneeId === null
        ? t('trace.unassigned')
        : t('trace.assigned', { name: agentName(state, assigneeId) ?? t('trace.someone') }),
  ]
  return { title, details: details.filter((one) => one !== null).join(' · ') }
}
const STATUSES = ['open', 'pending', 'closed'] as const

/** What a rule is for; null where it has no words. */
export function ruleText(rule: string): string | null {
  const key = `trace.rule.${rule}`
  return key in enTrace ? t(key as Key) : null
}

/** Where an event came from. */
export function sourceText(source: string): string {
  const key = `trace.source.${source}`
  return key in enTrace ? t(key as Key) : plain(source)
}

/** How late it was heard of, in words; empty where it was not. */
export function lateText(items: readonly TraceItem[], item: TraceItem): string {
  const late = delay(item) - usualDelay(items, item.source)
  return late < LATE_MS ? '' : t('trace.late', { span: shortSpan(late) })
}

/** That the PBX's clock is another one; empty where it is right. */
export function clockText(items: readonly TraceItem[]): string {
  const told = items.find(({ source }) => source === 'webhook' || source === 'ari')
  if (told === undefined) return ''
  const off = Math.abs(usualDelay(items, told.source))
  return off < CLOCK_MS ? '' : t('trace.clock', { span: shortSpan(off) })
}

function delay({ at, arrivedAt }: TraceItem): number {
  return Date.parse(arrivedAt) - Date.parse(at)
}

/** The quickest one tells how far the clocks are apart (CALL-17). */
function usualDelay(items: readonly TraceItem[], source: string): number {
  return Math.min(...items.filter((one) => one.source === source).map(delay))
}

function shortSpan(ms: number): string {
  if (ms >= 60_000) return span(ms / 1000)
  const style = { style: 'unit', unit: 'second', unitDisplay: 'short' } as const
  return new Intl.NumberFormat(currentLocale(), style).format(Math.round(ms / 1000))
}

function resultText(result: string | null): string {
  const key = `trace.result.${result}`
  return key in enTrace ? t(key as Key) : plain(result ?? '')
}

function list(words: readonly string[]): string {
  return new Intl.ListFormat(currentLocale(), { type: 'conjunction' }).format(words)
}

function size(bytes: number): string {
  const unit = bytes < 1_000_000 ? 'kilobyte' : 'megabyte'
  const value = bytes / (unit === 'kilobyte' ? 1_000 : 1_000_000)
  const style = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat(currentLocale(), style).format(value)
}
