/** One line of the table, read. */
export interface Cell {
  /** `incoming answered draft known red` */
  readonly name: string
  readonly direction: string
  readonly answered: boolean
  readonly did: string
  readonly user: string
  readonly hasMissed: boolean
  readonly impossible: string | null
  /** The stated result as it stands in the table. */
  readonly result: string
  readonly refusal: string | null
  readonly where: string
  readonly subject: string
  readonly status: string
  readonly handset: string
  readonly assignee: string
  readonly messages: number
  readonly text: string
  /** What became of the open missed-call case, and when: `closed red at the end`. */
  readonly missed: string
  readonly userAfter: string
  readonly meanwhile: readonly string[]
  readonly rules: readonly string[]
}

/** Reads the table; a line that does not say everything is an error. */
export function readCells(table: string): Cell[] {
  return table
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(readCell)
}

function readCell(line: string): Cell {
  const [key, result, missed, userAfter, meanwhile, rules] = line
    .split('|')
    .map((part) => part.trim())
  const [direction, answered, did, user, open] = String(key).split(/ +/)
  const impossible = /^impossible: (.+)$/.exec(String(result))?.[1] ?? null
  const read =
    /^(?:409 ([a-z-]+), then )?(new|earlier|missed), (.+), (\w+) (red|green) (\w+) (\d) "(.*)"$/.exec(
      String(result),
    )
  if (impossible === null && (read === null || !rules)) throw new Error(`cannot read: ${line}`)
  const [, refusal, where, subject, status, handset, assignee, messages, text] = read ?? []
  return {
    name: [direction, answered, did, user, open].join(' '),
    direction: String(direction),
    answered: answered === 'answered',
    did: String(did),
    user: String(user),
    hasMissed: open === 'red',
    impossible,
    result: String(result),
    refusal: refusal ?? null,
    where: String(where),
    subject: String(subject),
    status: String(status),
    handset: String(handset),
    assignee: String(assignee),
    messages: Number(messages),
    text: String(text).replace(' / ', '\n'),
    missed: String(missed),
    userAfter: String(userAfter),
    meanwhile: meanwhile ? meanwhile.split(/, */) : [],
    rules: rules ? rules.split(/ +/) : [],
  }
}
