import type { CaseTrace } from '../../db/call-journal.ts'
import { type KeptCall, saveCall } from '../../db/calls.ts'
import {
  type Author,
  adoptPerson,
  type CasePerson,
  changeCase,
  insertCase,
  putCallMessage,
  rewriteCallMessage,
  withdrawCase,
} from '../../db/case-changes.ts'
import { loadCases } from '../../db/cases.ts'
import { createAutoUser, isExtension } from '../../db/people.ts'
import { remakeCase } from '../../db/remake-case.ts'
import { type Call, customerOf } from '../calls/call.ts'
import type { CaseChanges, CaseCommand } from '../cases/case.ts'
import { describe } from '../cases/describe.ts'
import { assertNever } from '../errors.ts'
import { reportCallInCase } from './report-call.ts'
import { tellUser, type Unit } from './unit.ts'

/** What the commands came to: the call (with its user), and the cases that changed. */
export interface Outcome {
  readonly kept: KeptCall
  readonly caseIds: ReadonlySet<string>
  readonly rules: readonly string[]
  /** What each command did, in plain words. */
  readonly results: readonly string[]
  /** The same as facts, for texts in any language. */
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
    return { kept, caseIds: new Set(), rules: [], results: [], changes: [] }
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
  for (const caseId of caseIds) unit.reportedCases.add(caseId)
  await reportCallInCase(unit, known.call)
  const rules = [...new Set(commands.map((command) => command.rule))]
  return { kept: known, caseIds, rules, ...(await wordsFor(unit, done)) }
}

async function wordsFor(
  unit: Unit,
  done: readonly { readonly command: CaseCommand; readonly caseId: string | null }[],
): Promise<Pick<Outcome, 'results' | 'changes'>> {
  const named = done.flatMap(({ caseId }) => caseId ?? [])
  const numbers = new Map((await loadCases(unit.tx, named)).map((each) => [each.id, each.number]))
  const numberOf = (caseId: string | null) => numbers.get(caseId ?? '') ?? null
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
  const { tx } = unit
  switch (command.type) {
    case 'openCase': {
      const isAuto = command.origin === 'auto'
      const createdAt = isAuto ? (call.endedAt ?? unit.now) : unit.now
      const opened = { ...command.case, person, createdAt, callId: call.id }
      const caseId = await insertCase(tx, opened, author)
      caseIds.add(caseId)
      unit.openedCases.add(caseId)
      await putMessage(context, { ...command, caseId }, author)
      return caseId
    }
    case 'putCall':
      await putMessage(context, command, author)
      return command.caseId
    case 'rewriteMessage': {
      const handled = await rewriteCallMessage(tx, call.id, command.text, command.origin, author)
      if (handled !== null) unit.reportedCases.add(handled)
      return null
    }
    case 'changeCase': {
      const { caseId, changes } = command
      const isChanged = command.isRemade
        ? await remakeCase(tx, caseId, changes, call, author)
        : await changeCase(tx, caseId, changes, author)
      if (isChanged) caseIds.add(caseId)
      return caseId
    }
    case 'adoptPerson':
      await adoptPerson(tx, command.caseId, person, author)
      caseIds.add(command.caseId)
      return command.caseId
    case 'withdrawCase': {
      const movedTo = [...caseIds].find((caseId) => caseId !== command.caseId) ?? command.caseId
      await withdrawCase(tx, command.caseId, movedTo, author)
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
  const left = await putCallMessage(unit.tx, { caseId, callId: call.id, text, origin }, author)
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
  if (await isExtension(unit.tx, call.connectionId, personKey)) return kept
  const userId = await createAutoUser(unit.tx, customerOf(call), personKey, unit.now)
  const known = { ...kept, call: { ...call, userId } }
  await saveCall(unit.tx, known)
  await tellUser(unit, userId, ['user.created'])
  return known
}

export function personOf(call: Call): CasePerson {
  const { userId, personKey } = call
  return { userId, personKey, phone: personKey === null ? null : customerOf(call) }
}
