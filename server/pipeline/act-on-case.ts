import { type Author, changeCase } from '../../db/case-changes.ts'
import {
  addNote,
  claimCase,
  editMessage,
  lapsedClaims,
  loadCase,
  releaseCase,
  toCase,
} from '../../db/cases.ts'
import { inTransaction } from '../../db/database.ts'
import { lockPeople } from '../../db/locks.ts'
import type { Case, Message } from '../cases/case-view.ts'
import { toCaseSummary } from '../cases/case-view.ts'
import { RingsideError } from '../errors.ts'
import type { CasePatch } from '../http/schemas.ts'
import { again } from './again.ts'
import type { PipelineDeps } from './deps.ts'
import { peopleKeys } from './facts.ts'
import { createUnit, tellAll, tellCase, type Unit } from './unit.ts'

/** Who changes a case, and the version that they saw; null: whatever it is. */
export interface Editor {
  readonly agentId: string | null
  readonly version: number | null
}

/** What people do with cases. */
export interface CaseActs {
  /** A stale version is refused with the current state (CASE-15). */
  change(caseId: string, patch: CasePatch, by: Editor): Promise<void>
  note(caseId: string, text: string, agentId: string | null): Promise<Message>
  editMessage(caseId: string, messageId: string, text: string, by: Editor): Promise<Message>
  claim(caseId: string, agentId: string): Promise<void>
  release(caseId: string, agentId: string | null): Promise<void>
  /** Gives back what was claimed and not called in time. */
  releaseLapsed(claimMinutes: number): Promise<number>
}

export function createCaseActs(deps: PipelineDeps): CaseActs {
  return {
    change: (caseId, patch, by) =>
      onCase(deps, caseId, by.agentId, async ({ unit, found, author }) => {
        refuseStale(found, by)
        if (await changeCase(unit.work, caseId, patch, author)) await tellCase(unit, caseId, null)
      }),
    note: (caseId, text, agentId) =>
      onCase(deps, caseId, agentId, async ({ unit, author }) => {
        const message = await addNote(unit.work, caseId, text, author)
        await tellCase(unit, caseId, message)
        return message
      }),
    editMessage: (caseId, messageId, text, by) =>
      onCase(deps, caseId, by.agentId, async ({ unit, found, author }) => {
        refuseStale(found, by)
        const message = await editMessage(unit.work, { caseId, id: messageId, text }, author)
        if (message === null) throw notFound('message', messageId)
        await tellCase(unit, caseId, message)
        return message
      }),
    claim: (caseId, agentId) =>
      onCase(deps, caseId, agentId, async ({ unit, found, author }) => {
        if (!isWaiting(found)) {
          throw conflict('not-missed', 'nobody waits in this case any more', found)
        }
        if (found.assigneeId !== null && found.assigneeId !== agentId) {
          throw conflict('already-claimed', 'somebody else has taken this case', found)
        }
        await claimCase(unit.work, caseId, agentId, author)
        await tellCase(unit, caseId, null)
      }),
    release: (caseId, agentId) =>
      onCase(deps, caseId, agentId, async ({ unit, found, author }) => {
        if (found.assigneeId === null) return
        if (found.claimedAt === null && !isWaiting(found)) {
          throw conflict('not-claimed', 'nobody has taken this case to call back', found)
        }
        if (agentId !== null && found.assigneeId !== agentId) {
          throw conflict('not-yours', 'somebody else has taken this case', found)
        }
        await releaseCase(unit.work, caseId, author)
        await tellCase(unit, caseId, null)
      }),
    releaseLapsed: async (claimMinutes) => {
      const before = new Date(deps.clock().getTime() - claimMinutes * 60_000)
      const lapsed = await lapsedClaims(deps.database.db, before, 100)
      for (const caseId of lapsed) {
        await onCase(deps, caseId, null, async ({ unit, found, author }) => {
          if (found.claimedAt === null || found.claimedAt >= before || !isWaiting(found)) return
          await releaseCase(unit.work, caseId, { ...author, rule: 'CASE-17' })
          await tellCase(unit, caseId, null)
        })
      }
      return lapsed.length
    },
  }
}

/** Somebody waits to be called back. */
function isWaiting({ handset, status }: Case): boolean {
  return handset === 'red' && status !== 'closed'
}

interface Work {
  readonly unit: Unit
  readonly found: Case
  readonly author: Author
}

/** Locks the case's people, then the case, as everybody does. */
async function onCase<T>(
  deps: PipelineDeps,
  caseId: string,
  agentId: string | null,
  work: (given: Work) => Promise<T>,
): Promise<T> {
  const { unit, result } = await again(() =>
    inTransaction(deps.database.db, async (tx) => {
      const own = createUnit(tx, deps.clock())
      const seen = await loadCase(tx, caseId)
      if (seen !== null) await lockPeople(tx, peopleKeys([seen]))
      const row = await own.work.cases.find(caseId)
      if (row === null || row.withdrawnTo !== null) throw notFound('case', caseId)
      const found = toCase(row)
      const author = { at: own.now, agentId, rule: null }
      const outcome = await work({ unit: own, found, author })
      own.work.news.reportedCases.add(caseId)
      await tellAll(own)
      return { unit: own, result: outcome }
    }),
  )
  if (unit.told.length > 0) deps.onTold()
  return result
}

function refuseStale(found: Case, { version }: Editor): void {
  if (version === null || version === found.version) return
  throw conflict('stale-version', 'the case has changed since it was read', found)
}

function conflict(type: string, detail: string, current: Case): RingsideError {
  const extensions = { current: toCaseSummary(current) }
  return new RingsideError('conflict', detail, { type, extensions })
}

function notFound(what: string, id: string): RingsideError {
  return new RingsideError('not-found', `there is no ${what} ${id.slice(0, 100)}`)
}
