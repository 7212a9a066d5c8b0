import { loadCase } from '../../db/cases.ts'
import type { Db } from '../../db/database.ts'
import { RingsideError } from '../errors.ts'
import { viewWholeCase } from '../pipeline/view-case.ts'
import type { CaseView } from './schemas.ts'

/** The case of an id; whoever asks for one that is not there (any more) is told so. */
export async function viewCase(db: Db, id: string): Promise<CaseView> {
  const found = await loadCase(db, id)
  if (found === null || found.withdrawnTo !== null) {
    throw new RingsideError('not-found', `there is no case ${id.slice(0, 100)}`, {
      extensions: found === null ? {} : { movedTo: found.withdrawnTo },
    })
  }
  return viewWholeCase(db, found)
}
