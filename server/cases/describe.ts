import { assertNever } from '../errors.ts'
import type { CaseChanges, CaseCommand } from './case.ts'

/** What a rule did, in plain words, for the call's trace (CALL-19). */
export function describe(command: CaseCommand, numberOf: (caseId: string) => string): string {
  switch (command.type) {
    case 'openCase': {
      const { subject, status, handset } = command.case
      return `${command.rule}: opened "${subject}", ${status}, handset ${handset}`
    }
    case 'putCall':
      return `${command.rule}: added to case ${numberOf(command.caseId)}`
    case 'rewriteMessage':
      return `${command.rule}: message written anew`
    case 'changeCase':
      return `${command.rule}: case ${numberOf(command.caseId)} ${changed(command.changes)}`
    case 'adoptPerson':
      return `${command.rule}: case ${numberOf(command.caseId)} belongs to the caller`
    case 'withdrawCase':
      return `${command.rule}: case ${numberOf(command.caseId)} withdrawn`
    default:
      return assertNever(command)
  }
}

function changed({ subject, status, handset, assigneeId }: CaseChanges): string {
  const parts = [
    subject === undefined ? null : `subject "${subject}"`,
    status === undefined ? null : status,
    handset === undefined ? null : `handset ${handset}`,
    assigneeId === undefined ? null : assigneeId === null ? 'nobody assigned' : 'assigned',
  ]
  return parts.filter((part) => part !== null).join(', ') || 'unchanged'
}
