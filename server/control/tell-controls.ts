import { type Database, inTransaction } from '../../db/database.ts'
import { appendOutbox } from '../../db/outbox.ts'
import { saveToldControls } from '../../db/settings.ts'
import type { CallController } from './control.ts'

/** Tells every page when something else works than before, once whichever process notices it. */
export function createControlsTeller(options: {
  readonly database: Database
  readonly clock: () => Date
  readonly control: Pick<CallController, 'controls'>
  readonly onTold: () => void
}): () => Promise<void> {
  const { database, clock, control, onTold } = options
  let known: string | null = null
  return async () => {
    const controls = control.controls()
    const now = JSON.stringify(controls)
    if (now === known) return
    const isNews = await inTransaction(database.db, async (tx) => {
      if (!(await saveToldControls(tx, controls))) return false
      await appendOutbox(tx, [{ type: 'controls', audience: null, data: { controls } }], clock())
      return true
    })
    known = now
    if (isNews) onTold()
  }
}
