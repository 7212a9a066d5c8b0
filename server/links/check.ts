import type { ConnectionAccounts } from '../setup/accounts.ts'
import { checkAmi } from '../sources/ami-check.ts'
import { checkAri } from '../sources/ari-check.ts'
import type { Check } from '../sources/pbx.ts'

/** Tries the accounts of a connection out, all at once. */
export async function checkAccounts({
  ari,
  ami,
}: ConnectionAccounts): Promise<{ readonly ari?: Check; readonly ami?: Check }> {
  const [ofAri, ofAmi] = await Promise.all([
    ari === null ? null : checkAri(ari),
    ami === null ? null : checkAmi(ami),
  ])
  return { ...(ofAri === null ? {} : { ari: ofAri }), ...(ofAmi === null ? {} : { ami: ofAmi }) }
}
