import { putCallMessage, rewriteCallMessage } from '../../db/call-in-case.ts'
import type { CaseTrace } from '../../db/call-journal.ts'
import type { KeptCall } from '../../db/calls.ts'
import {
  type Author,
  adoptPerson,
  type CasePerson,
  changeCase,
  insertCase,
  withdrawCase,
} from '../../db/case-changes.ts'
import { newId } from '../../db/new-id.ts'
import { remakeCase } from '../../db/remake-case.ts'
import { type Call, customerOf } from '../calls/call.ts'
import type { CaseChanges, CaseCommand } from '../cases/case.ts'
import { describe } from '../cases/describe.ts'
import { assertNever } from '../errors.ts'
import { isExtension } from './agents-named.ts'
import { reportCallInCase } from './report-call.ts'
import { tellUser, type Unit } from './unit.ts'

/** What the commands came to: the call (with its user), and the cases that changed. */
export interface Outcome {
  readonly kept: KeptCall
  readonly caseIds: ReadonlySet<string>
  readonly rules: readonly string[]
  /** What each command did; a case that was opened has a number once it is written. */
  readonly words: () => Promise<Words>
}

/** In plain words, and the same as facts, for texts in any language. */
export interface Words {
  readonly results: readonly string[]
  readonly changes: readonly CaseTrace[]
}

/** Does what the rules decided, in their order. `agentId`: who asked for it; null: nobody did. */
export async function carryOut(
  unit: Unit,
  kept: KeptCall,
  commands: readonly CaseCommand[],
  agentId: string | null,
): Promise<Outcome> {
  if (commands.length === 0) {
    return { kept, caseIds: new Set(), rules: [], words: () => wordsFor(unit, []) }
  }
  const known = await ensureUser(unit, kept)
  const caseIds = new Set<string>()
  const context = { unit, call: known.call, person: personOf(known.call), caseIds }
  const done: { command: CaseCommand; caseId: string | null }[] = []
  for (const command of commands) {
    const caseId = await carryOutOne(context, command, {
      at: unit.now,
      agentId: isAgents(command) ? agentId : null,
      rule: command.rule,
    })
    done.push({ command, caseId })
  }
  for (const caseId of caseIds) unit.work.news.reportedCases.add(caseId)
  reportCallInCase(unit, known.call)
  const rules = [...new Set(commands.map((command) => command.rule))]
  return { kept: known, caseIds, rules, words: () => wordsFor(unit, done) }
}

async function wordsFor(
  unit: Unit,
  done: readonly { readonly command: CaseCommand; readonly caseId: string | null }[],
): Promise<Words> {
  const { cases } = unit.work
  await cases.load(done.flatMap(({ caseId }) => caseId ?? []))
  const numberOf = (caseId: string | null) => cases.peek(caseId ?? '')?.number ?? null
  return {
    results: done.map(({ command }) =>
      describe(command, (caseId) => `#${numberOf(caseId) ?? '?'}`),
    ),
    changes: done.map(({ command, caseId }) => ({
      rule: command.rule,
      type: command.type,
      caseId,
      number: numberOf(caseId),
      ...changesOf(command),
    })),
  }
}

/** Without the subject: texts about people are in one place, the case. */
function changesOf(command: CaseCommand): Omit<CaseChanges, 'subject'> {
  if (command.type !== 'openCase' && command.type !== 'changeCase') return {}
  const { subject: _subject, ...rest } =
    command.type === 'openCase' ? command.case : command.changes
  return rest
}

interface Context {
  readonly unit: Unit
  readonly call: Call
  readonly person: CasePerson
  readonly caseIds: Set<string>
}

/** The case that it was about; null where that is the one that the message is in already. */
async function carryOutOne(
  context: Context,
  command: CaseCommand,
  author: Author,
): Promise<string | null> {
  const { unit, call, person, caseIds } = context
  const { work } = unit
  switch (command.type) {
    case 'openCase': {
      const isAuto = command.origin === 'auto'
      const createdAt = isAuto ? (call.endedAt ?? unit.now) : unit.now
      const opened = { ...command.case, person, createdAt, callId: call.id }
      const caseId = insertCase(work, opened, author)
      caseIds.add(caseId)
      unit.openedCases.add(caseId)
      await putMessage(context, { ...command, caseId }, author)
      return caseId
    }
    case 'putCall':
      await putMessage(context, command, author)
      return command.caseId
    case 'rewriteMessage': {
      const handled = await rewriteCallMessage(work, call.id, command.text, command.origin, author)
      if (handled !== null) work.news.reportedCases.add(handled)
      return null
    }
    case 'changeCase': {
      const { caseId, changes } = command
      const isChanged = command.isRemade
        ? await remakeCase(work, caseId, changes, call, author)
        : await changeCase(work, caseId, changes, author)
      if (isChanged) caseIds.add(caseId)
      return caseId
    }
    case 'adoptPerson':
      await adoptPerson(work, command.caseId, person, author)
      caseIds.add(command.caseId)
      return command.caseId
    case 'withdrawCase': {
      const movedTo = [...caseIds].find((caseId) => caseId !== command.caseId) ?? command.caseId
      await withdrawCase(work, command.caseId, movedTo, author)
      caseIds.add(command.caseId)
      return command.caseId
    }
    default:
      return assertNever(command)
  }
}

async function putMessage(
  { unit, call, caseIds }: Context,
  command:
    | Extract<CaseCommand, { type: 'putCall' }>
    | { caseId: string; text: string; origin: 'created' | 'fixed' | 'auto' },
  author: Author,
): Promise<void> {
  const { caseId, text, origin } = command
  const left = await putCallMessage(unit.work, { caseId, callId: call.id, text, origin }, author)
  caseIds.add(caseId)
  if (left !== null) caseIds.add(left)
}

/** Settling and the like are the rules' doing, even when an agent's choice set them off. */
function isAgents(command: CaseCommand): boolean {
  return command.rule === 'CASE-1' || command.rule === 'CASE-2' || command.rule === 'CASE-19'
}

/** USER-3: with its case, an unknown number becomes a user. */
async function ensureUser(unit: Unit, kept: KeptCall): Promise<KeptCall> {
  const { call } = kept
  const { personKey } = call
  if (call.userId !== null || call.candidateUserIds.length > 0 || personKey === null) return kept
  if (await isExtension(unit.work, call.connectionId, personKey)) return kept
  const userId = await createAutoUser(unit, call, personKey)
  const known = { ...kept, call: { ...call, userId } }
  unit.work.calls.put(call.id, known)
  await tellUser(unit, userId, ['user.created'])
  return known
}

async function createAutoUser({ work, now }: Unit, call: Call, personKey: string): Promise<string> {
  const id = newId()
  const phone = customerOf(call)
  const user = {
    id,
    externalId: null,
    name: phone.display,
    email: null,
    company: null,
    phones: [{ ...phone, key: personKey }],
    note: '',
    fields: {},
    createdAt: now,
    updatedAt: now,
  }
  const holders = (await work.holders.find(personKey)) ?? []
  work.holders.know(personKey, [...holders, id].sort())
  work.users.know(id, user)
  work.news.users.push({ user, autoKey: personKey })
  return id
}

export function personOf(call: Call): CasePerson {
  const { userId, personKey } = call
  return { userId, personKey, phone: personKey === null ? null : customerOf(call) }
}
