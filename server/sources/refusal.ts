/** Why a request was not taken: `reason` is one line, `hint` says what to do about it (CALL-7). */
export interface Refusal {
  readonly field: string
  readonly reason: string
  readonly hint: string
}

/** `datetime is "31/12/21", expected dd.mm.yyyy-HH:MM:SS` */
export function refuse(field: string, found: string, expected: string, hint: string): Refusal {
  return { field, reason: `${field} is ${quote(found)}, expected ${expected}`, hint }
}

/** Required, and not there. */
export function refuseMissing(field: string, expected: string, hint: string): Refusal {
  return { field, reason: `${field} is missing, expected ${expected}`, hint }
}

function quote(found: string): string {
  return JSON.stringify(found.length > 80 ? `${found.slice(0, 80)}…` : found)
}
