/** Fields and variables of a channel that are carried into the call. */
export type Extra = Readonly<Record<string, string>>
export const NO_EXTRA: Extra = {}

/** Names of fields and channel variables to carry into the call, by their small letters. */
export type WantedFields = ReadonlyMap<string, string>

/** What never gets into a call, whoever asks for it. */
const SECRET = /secret|passw|authresponse|challenge|md5/i

/** The fields of `packetInfoConfig` (AMI-5), under the names in which they were asked for. */
export function toWantedFields(names: readonly string[]): WantedFields {
  return new Map(
    names
      .map((name) => name.trim())
      .filter((name) => name !== '' && !SECRET.test(name))
      .map((name) => [toVariable(name).toLowerCase(), name]),
  )
}

/** Whether the value of a variable was asked for, and under which name. */
export function wantedVariable(wanted: WantedFields, variable: string): string | null {
  return wanted.get(toVariable(variable).toLowerCase()) ?? null
}

/** `__NAME` is the variable `NAME`, handed down to the channels that it dials. */
function toVariable(name: string): string {
  return name.replace(/^_{1,2}/, '')
}
