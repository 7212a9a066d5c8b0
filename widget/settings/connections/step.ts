/** What all steps of a connection are given. */
import type { LitElement } from 'lit'
import type { Client } from '../../client/client.ts'
import type { Agent, Connection } from './contract.ts'
import type { Draft } from './draft.ts'

export interface StepElement extends LitElement {
  client: Client | null
  /** Null: it has not been made yet. */
  connection: Connection | null
  draft: Draft | null
  agents: readonly Agent[]
  /** It was made a moment ago: each step leads to the next. */
  isGuided: boolean
  onDraft: (draft: Draft) => void
  onSaved: (connection: Connection, parts: readonly (keyof Draft)[]) => void
  onNext: (() => void) | null
}

export const stepProperties = {
  client: { attribute: false },
  connection: { attribute: false },
  draft: { attribute: false },
  agents: { attribute: false },
  isGuided: { attribute: false },
  onDraft: { attribute: false },
  onSaved: { attribute: false },
  onNext: { attribute: false },
}

/** The values that a step begins with. */
export function startStep(element: StepElement): void {
  element.client = null
  element.connection = null
  element.draft = null
  element.agents = []
  element.isGuided = false
  element.onDraft = () => undefined
  element.onSaved = () => undefined
  element.onNext = null
}
