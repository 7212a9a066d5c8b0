import type { Phone } from '../server/calls/call.ts'
import type { CaseChanges, NewCase } from '../server/cases/case.ts'
import type { ReportFact } from '../server/cases/report-facts.ts'
import type { CaseRow } from './case-rows.ts'
import { factsOfChange, factsOfOpening, type Reported } from './facts-of-case.ts'
import { newId } from './new-id.ts'
import { removeFacts } from './report-facts.ts'
import type { WorkingSet } from './working/working-set.ts'

/** Who changes a case, and when: a person, or a rule by its id. */
export interface Author {
  readonly at: Date
  readonly agentId: string | null
  readonly rule: string | null
}

export interface CasePerson {
  readonly userId: string | null
  readonly personKey: string | null
  readonly phone: Phone | null
}

/** Opens a case for a call. `createdAt` is the call's end where a rule opened it. */
export function insertCase(
  work: WorkingSet,
  opened: NewCase & { person: CasePerson; createdAt: Date; callId: string },
  author: Author,
): string {
  const id = newId()
  const { person, createdAt, callId, status } = opened
  work.cases.put(id, {
    id,
    number: 0,
    subject: opened.subject,
    status,
    handset: opened.handset,
    assigneeId: opened.assigneeId,
    ...personColumns(person),
    externalId: null,
    // Its first message makes it 1.
    version: 0,
    touchedAt: null,
    statusSetAt: null,
    claimedAt: null,
    waitingSince: null,
    lastMissedAt: null,
    missedCalls: 0,
    withdrawnTo: null,
    createdAt,
    updatedAt: author.at,
    closedAt: status === 'closed' ? createdAt : null,
  })
  work.members.know(id, [])
  noteHistory(work, id, author, [{ kind: 'opened', from: null, to: status }])
  noteFacts(work, id, factsOfOpening(opened, { at: createdAt, callId }), callId)
  return id
}

/** Changes a case and writes its history; false where nothing is different. */
export async function changeCase(
  work: WorkingSet,
  caseId: string,
  changes: CaseChanges & { externalId?: string | null },
  author: Author,
): Promise<boolean> {
  const change = await writeChanges(work, caseId, changes, author, 'reopened')
  if (change === null) return false
  noteFacts(work, caseId, factsOfChange(change.before, change.after, author))
  return true
}

/** Changes the case and its history, and no facts; null where nothing is different. */
export async function writeChanges(
  work: WorkingSet,
  caseId: string,
  changes: CaseChanges & { externalId?: string | null },
  author: Author,
  /** How the history calls it that a closed case is closed no longer. */
  reopened: 'reopened' | 'status',
): Promise<{ readonly before: Reported; readonly after: Reported } | null> {
  const before = await rowOf(work, caseId)
  const keys = ['subject', 'status', 'handset', 'assigneeId', 'externalId'] as const
  const different = keys.filter((key) => changes[key] !== undefined && changes[key] !== before[key])
  if (different.length === 0) return null
  const isPerson = author.rule === null
  const hasStatus = different.includes('status')
  work.cases.put(caseId, {
    ...before,
    ...Object.fromEntries(different.map((key) => [key, changes[key]])),
    ...(hasStatus ? { closedAt: changes.status === 'closed' ? author.at : null } : {}),
    // Whoever closes it, gets through, or gives it to somebody has done what it was claimed for.
    ...(different.some((key) => key !== 'subject' && key !== 'externalId')
      ? { claimedAt: null }
      : {}),
    ...(isPerson ? { touchedAt: author.at } : {}),
    ...(isPerson && hasStatus ? { statusSetAt: author.at } : {}),
  })
  noteHistory(
    work,
    caseId,
    author,
    different.map((key) => ({
      kind: key === 'status' && before.status === 'closed' ? reopened : KINDS[key],
      from: before[key],
      to: changes[key],
    })),
  )
  await bump(work, caseId, author.at)
  const { status = before.status, assigneeId = before.assigneeId } = changes
  return { before, after: { status, assigneeId } }
}

const KINDS = {
  subject: 'subject',
  status: 'status',
  handset: 'handset',
  assigneeId: 'assignee',
  externalId: 'externalId',
} as const

/** The case belongs to this person now (USER-4, CASE-16). */
export async function adoptPerson(
  work: WorkingSet,
  caseId: string,
  person: CasePerson,
  author: Author,
): Promise<void> {
  const before = await rowOf(work, caseId)
  if (before.userId === person.userId && before.personKey === person.personKey) return
  await alter(work, caseId, personColumns(person))
  noteHistory(work, caseId, author, [{ kind: 'user', from: before.userId, to: person.userId }])
  await bump(work, caseId, author.at)
}

/** The case goes, because its only call is in another one; it shows nowhere any more (CASE-19). */
export async function withdrawCase(
  work: WorkingSet,
  caseId: string,
  movedTo: string,
  author: Author,
): Promise<void> {
  await alter(work, caseId, { withdrawnTo: movedTo })
  await work.flush()
  await removeFacts(work.tx, caseId)
  noteHistory(work, caseId, author, [{ kind: 'withdrawn', from: null, to: movedTo }])
  await bump(work, caseId, author.at)
}

/** A person did something to the case: rules keep their hands off from now on (CASE-16). */
export function touch(work: WorkingSet, caseId: string, at: Date): Promise<void> {
  return alter(work, caseId, { touchedAt: at })
}

/** Every change gives the case a new version, by which a stale change is noticed (CASE-15). */
export async function bump(work: WorkingSet, caseId: string, at: Date): Promise<void> {
  const { version } = await rowOf(work, caseId)
  await alter(work, caseId, { version: version + 1, updatedAt: at })
}

/** Makes something of a case another one. */
export async function alter(
  work: WorkingSet,
  caseId: string,
  changes: Partial<CaseRow>,
): Promise<void> {
  work.cases.put(caseId, { ...(await rowOf(work, caseId)), ...changes })
}

/** The case as it is now; whoever asks knows that it is there. */
export async function rowOf({ cases }: WorkingSet, caseId: string): Promise<CaseRow> {
  const row = await cases.find(caseId)
  if (row === null) throw new Error(`there is no case ${caseId}`)
  return row
}

/** What changed in a case. */
export function noteHistory(
  { news }: WorkingSet,
  caseId: string,
  { at, agentId, rule }: Author,
  entries: readonly { kind: string; from: unknown; to: unknown }[],
): void {
  news.history.push(...entries.map((entry) => ({ caseId, at, agentId, ...entry, rule })))
}

/** What happened in a case. `openedBy`: the call, where the case is only being opened. */
export function noteFacts(
  { news }: WorkingSet,
  caseId: string,
  facts: readonly ReportFact[],
  openedBy: string | null = null,
): void {
  news.facts.push(...facts.map((fact) => ({ ...fact, caseId, openedBy })))
  if (facts.length > 0) news.reportedCases.add(caseId)
}

/** A person did something with the case; what rules and other programs do is no handling. */
export function noteHandled(
  work: WorkingSet,
  caseId: string,
  { at, agentId }: { readonly at: Date; readonly agentId: string | null },
): void {
  if (agentId !== null) noteFacts(work, caseId, [{ kind: 'handled', at, agentId, callId: null }])
}

function personColumns(person: CasePerson) {
  return {
    userId: person.userId,
    personKey: person.personKey,
    phoneRaw: person.phone?.raw ?? null,
    phoneE164: person.phone?.e164 ?? null,
    phoneDisplay: person.phone?.display ?? null,
  }
}
