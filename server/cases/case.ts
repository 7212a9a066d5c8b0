/** A case, what the rules know when they decide, and what they can want. */

export type CaseStatus = 'open' | 'pending' | 'closed'
export type Handset = 'red' | 'green'
/** How a call got into its case: an agent created it, fixed the call in it, or a rule did. */
export type Origin = 'created' | 'fixed' | 'auto'

/** What an agent typed while on the call (CASE-3). */
export interface Draft {
  readonly subject: string
  readonly essence: string
}

/** A case as the rules see it. */
export interface CaseFacts {
  readonly id: string
  readonly status: CaseStatus
  readonly handset: Handset
  readonly userId: string | null
  readonly personKey: string | null
  readonly assigneeId: string | null
  /** When a person last changed something of it; null: only rules did. */
  readonly touchedAt: Date | null
  readonly statusSetAt: Date | null
  /** Its calls apart from the one that is decided on. */
  readonly otherMessages: number
  readonly otherMissedCalls: number
  readonly otherAnsweredCalls: number
  /** The end of its newest missed call, apart from the one that is decided on. */
  readonly lastMissedAt: Date | null
}

/** The case that the call is in, and how it got there. */
export interface OwnCase extends CaseFacts {
  readonly messageId: string
  readonly messageAt: Date
  readonly messageText: string
  readonly origin: Origin
  readonly chosenAt: Date | null
}

/** Everything that the rules need to know beside the call itself. */
export interface Facts {
  readonly now: Date
  readonly internalCalls: boolean
  readonly draft: Draft | null
  readonly own: OwnCase | null
  /** The person's open missed-call cases (red and not closed), newest missed call first. */
  readonly openMissed: readonly CaseFacts[]
  /** When the person was last talked to, this call apart. */
  readonly lastConversationAt: Date | null
}

export interface CaseChanges {
  readonly subject?: string
  readonly status?: CaseStatus
  readonly handset?: Handset
  readonly assigneeId?: string | null
}

/** Where a call's message goes. */
export interface NewCase {
  readonly subject: string
  readonly status: CaseStatus
  readonly handset: Handset
  readonly assigneeId: string | null
}

/** The id of the spec's rule that wants it. */
export type Rule = `CASE-${number}`

export type CaseCommand =
  /** A new case with the call's message; a message that is elsewhere moves. */
  | {
      readonly type: 'openCase'
      readonly rule: Rule
      readonly case: NewCase
      readonly text: string
      readonly origin: Origin
    }
  /** The call's message goes into an existing case. */
  | {
      readonly type: 'putCall'
      readonly rule: Rule
      readonly caseId: string
      readonly text: string
      readonly origin: Origin
    }
  /** Text and origin of the message where it is. */
  | {
      readonly type: 'rewriteMessage'
      readonly rule: Rule
      readonly text: string
      readonly origin: Origin
    }
  | {
      readonly type: 'changeCase'
      readonly rule: Rule
      readonly caseId: string
      readonly changes: CaseChanges
      /** CASE-16: as if it had been opened so in the first place. */
      readonly isRemade?: true
    }
  /** The case is that of the call's person now. */
  | { readonly type: 'adoptPerson'; readonly rule: Rule; readonly caseId: string }
  /** The automatic case goes: its only call is in another one. */
  | { readonly type: 'withdrawCase'; readonly rule: Rule; readonly caseId: string }

/** An action that the state of things does not allow; `case` is where the call is instead. */
export interface Refusal {
  readonly refusal:
    | 'not-answered'
    | 'already-in-case'
    | 'other-user'
    | 'internal-call'
    | 'call-ended'
  readonly detail: string
  readonly caseId: string | null
}

export function hasText(draft: Draft | null): draft is Draft {
  return draft !== null && (draft.subject.trim() !== '' || draft.essence.trim() !== '')
}
