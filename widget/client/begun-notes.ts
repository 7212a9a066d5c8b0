/** Notes that an agent has begun and not added: a call that is answered opens its profile over them. */
import type { Client } from './client.ts'

const MOST = 50
const begun = new WeakMap<Client, Map<string, string>>()

/** What was begun for a case. */
export function begunNote(client: Client, caseId: string): string {
  return begun.get(client)?.get(caseId) ?? ''
}

/** Keeps it until it is added or the page is left; the oldest of many goes. */
export function keepBegunNote(client: Client, caseId: string, text: string): void {
  const notes = begun.get(client) ?? new Map<string, string>()
  begun.set(client, notes)
  notes.delete(caseId)
  if (text !== '') notes.set(caseId, text)
  for (const id of notes.keys()) if (notes.size > MOST) notes.delete(id)
}
