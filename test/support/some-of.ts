/** What the command line names of these, in their own order; all of them where it names none. */
export function someOf<Name extends string>(
  asked: readonly string[],
  known: readonly Name[],
): readonly Name[] {
  for (const name of asked) {
    if (known.some((each) => each === name)) continue
    throw new Error(`asked for "${name}", expected some of ${known.join(', ')}`)
  }
  return asked.length > 0 ? known.filter((name) => asked.includes(name)) : known
}
