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
import { type Call, customerOf } from '../calls/call.ts'
import type { CaseCommand } from '../cases/case.ts'
import { describe } from '../cases/describe.ts'
import { assertNever } from '../errors.ts'
import { tellUser, type Unit } from './unit.ts'

/** What the commands came to: the call (with its user), and the cases that changed. */
export interface Outcome {
  readonly kept: KeptCall
  readonly caseIds: ReadonlySet<string>
  readonly rules: readonly string[]
  /** What each command did, in plain words. */
  readonly results: readonly string[]
}

/** Does what the rules decided, in their order. `agentId`: who asked for it; null: nobody did. */
export async function carryOut(
  unit: Unit,
  kept: KeptCall,
  commands: readonly CaseCommand[],
  agentId: string | null,
): Promise<Outcome> {
  if (commands.length === 0) return { kept, caseIds: new Set(), rules: [], results: [] }
  const known = await ensureUser(unit, kept)
  const caseIds = new Set<string>()
  const context = { unit, call: known.call, person: personOf(known.call), caseIds }
  for (const command of commands) {
    await carryOutOne(context, command, {
      at: unit.now,
      agentId: isAgents(command) ? agentId : null,
      rule: command.rule,
    })
  }
  const rules = [...new Set(commands.map((command) => command.rule))]
  return { kept: known, caseIds, rules, results: await wordsFor(unit, commands) }
}

async function wordsFor(unit: Unit, commands: readonly CaseCommand[]): Promise<string[]> {
  const named = commands.flatMap((command) => ('caseId' in command ? [command.caseId] : []))
  const numbers = new Map((await loadCases(unit.tx, named)).map((each) => [each.id, each.number]))
  return commands.map((command) => describe(command, (caseId) => `#${numbers.get(caseId) ?? '?'}`))
}

interface Context {
  readonly unit: Unit
  readonly call: Call
  readonly person: CasePerson
  readonly caseIds: Set<string>
}

async function carryOutOne(context: Context, command: CaseCommand, author: Author): Promise<void> {
  const { unit, call, person, caseIds } = context
  const { tx } = unit
  switch (command.type) {
    case 'openCase': {
      const isAuto = command.origin === 'auto'
      const createdAt = isAuto ? (call.endedAt ?? unit.now) : unit.now
      const caseId = await insertCase(tx, { ...command.case, person, createdAt }, author)
      caseIds.add(caseId)
      await putMessage(context, { ...command, caseId }, author)
      return
    }
    case 'putCall':
      await putMessage(context, command, author)
      return
    case 'rewriteMessage':
      await rewriteCallMessage(tx, call.id, command.text, command.origin, author)
      return
    case 'changeCase':
      if (await changeCase(tx, command.caseId, command.changes, author)) caseIds.add(command.caseId)
      return
    case 'adoptPerson':
      await adoptPerson(tx, command.caseId, person, author)
      caseIds.add(command.caseId)
      return
    case 'withdrawCase': {
      const movedTo = [...caseIds].find((caseId) => caseId !== command.caseId) ?? command.caseId
      await withdrawCase(tx, command.caseId, movedTo, author)
      caseIds.add(command.caseId)
      return
    }
    default:
      assertNever(command)
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
  await tellUser(unit, userId)
  return known
}

export function personOf(call: Call): CasePerson {
  const { userId, personKey } = call
  return { userId, personKey, phone: personKey === null ? null : customerOf(call) }
}
