import type { Alias } from './connection.ts'

/** The ways a call can go that a dialplan has to tell of (ADMIN-3). */
export type CallFlow = 'personal' | 'queue' | 'missed' | 'outgoing'

/** One kind of event, in a flow of calls or ('any') wherever it was. */
export interface Seen {
  readonly flow: string
  readonly alias: string
  readonly firstAt: Date
}

export interface ChecklistStep {
  readonly alias: Alias
  readonly state: 'seen' | 'missing'
  readonly firstAt: Date | null
}

export interface ChecklistItem {
  readonly flow: CallFlow | 'recording'
  readonly steps: readonly ChecklistStep[]
  readonly done: boolean
  /** What to do about the first missing step; empty when none is missing. */
  readonly hint: string
}

const FLOWS: readonly { readonly flow: ChecklistItem['flow']; readonly steps: readonly Alias[] }[] =
  [
    {
      flow: 'personal',
      steps: ['incoming_start', 'incoming_ring', 'incoming_answer', 'incoming_end'],
    },
    {
      flow: 'queue',
      steps: ['incoming_start', 'incoming_queue', 'incoming_answer', 'incoming_end'],
    },
    { flow: 'missed', steps: ['incoming_start', 'incoming_ring', 'incoming_end'] },
    { flow: 'outgoing', steps: ['outgoing_start', 'outgoing_answer', 'outgoing_end'] },
    { flow: 'recording', steps: ['record'] },
  ]

/** What of the call flows has been received so far, and what to do about the rest. */
export function createChecklist(seen: readonly Seen[]): readonly ChecklistItem[] {
  const isSilent = seen.length === 0
  return FLOWS.map(({ flow, steps: aliases }) => {
    const steps = aliases.map((alias) => toStep(alias, firstOf(seen, flow, alias)))
    const missing = steps.find(({ state }) => state === 'missing')
    const hasBegun = steps.some(({ state }) => state === 'seen')
    const hint = missing === undefined ? '' : hintFor(flow, missing.alias, isSilent, hasBegun)
    return { flow, steps, done: missing === undefined, hint }
  })
}

function toStep(alias: Alias, firstAt: Date | null): ChecklistStep {
  return { alias, state: firstAt === null ? 'missing' : 'seen', firstAt }
}

/** A recording is one whatever its call was; a missed call rang a person or a queue. */
function firstOf(seen: readonly Seen[], flow: ChecklistItem['flow'], alias: Alias): Date | null {
  const aliases =
    flow === 'missed' && alias === 'incoming_ring' ? [alias, 'incoming_queue'] : [alias]
  const wanted = flow === 'recording' ? 'any' : flow
  const times = seen
    .filter((each) => each.flow === wanted && aliases.includes(each.alias))
    .map(({ firstAt }) => firstAt.getTime())
  return times.length === 0 ? null : new Date(Math.min(...times))
}

// ---- what to do -------------------------------------------------------------

const SILENT =
  'Nothing has come from this PBX yet. Paste the dialplan, run "dialplan reload", and make a call. Where still nothing comes: on the PBX, curl with the webhook address must answer "unique_id is missing"; if it cannot connect, open the way from the PBX to this server.'

const TRY_OUT: Readonly<Record<ChecklistItem['flow'], string>> = {
  personal: 'Call the number of a person from outside, answer, and hang up.',
  queue: 'Call the number of a queue from outside, let an agent answer, and hang up.',
  missed: 'Call from outside, let it ring, and hang up before anybody answers.',
  outgoing: 'Call a number outside from the phone of an agent, answer there, and hang up.',
  recording: 'Talk for some seconds in a call that goes through the dialplan, and hang up.',
}

const MISSING: Readonly<Record<Alias, string>> = {
  incoming_start:
    'The beginning does not arrive: call ringside-incoming first of all where calls come in from the trunk.',
  incoming_ring:
    'Nothing says whose phone rings: call ringside-ring with the extension right before Dial.',
  incoming_queue:
    'Nothing says that the queue rings: call ringside-queue with its name right before Queue.',
  incoming_answer:
    'Answers do not arrive: Dial needs the option U(ringside-answer) (with Macro: M), and Queue ringside-answer as its seventh argument (a Gosub until Asterisk 20: as its eighth).',
  incoming_end:
    'The end does not arrive: with Gosub ringside-incoming must run on the caller’s own channel; with Macro each context needs "exten => h,1,Macro(ringside-end)".',
  outgoing_start:
    'The beginning does not arrive: call ringside-outgoing with the number right before Dial.',
  outgoing_answer:
    'Answers do not arrive: the Dial to the trunk needs the option U(ringside-answer) (with Macro: M).',
  outgoing_end:
    'The end does not arrive: with Gosub ringside-outgoing must run on the agent’s own channel; with Macro the context needs "exten => h,1,Macro(ringside-end)".',
  record:
    'No recording has come: ringside-record must run before Dial or Queue, the PBX needs the program curl, and its user must be able to write into the monitor folder. Uploads that failed are tried again for a quarter of an hour.',
}

function hintFor(
  flow: ChecklistItem['flow'],
  missing: Alias,
  isSilent: boolean,
  hasBegun: boolean,
): string {
  if (isSilent) return SILENT
  if (flow === 'recording') return `${TRY_OUT.recording} ${MISSING.record}`
  return hasBegun ? MISSING[missing] : TRY_OUT[flow]
}
