/** A strict reader of Prometheus' text format (0.0.4), written from its description. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped'
  readonly help: string
  readonly samples: readonly Sample[]
}

const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const SAMPLE =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]?Inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
}

/** Reads all of it; throws at the first line that is not as it must be. */
export function parsePrometheus(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, Family & { samples: Sample[] }>()
  let help: { name: string; text: string } | null = null
  let current: (Family & { samples: Sample[] }) | null = null
  const series = new Set<string>()
  for (const line of text.split('\n')) {
    if (line === '') continue
    const told = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line)
    if (told?.[1] === 'HELP') {
      help = { name: told[2] ?? '', text: told[3] ?? '' }
    } else if (told?.[1] === 'TYPE') {
      const name = told[2] ?? ''
      if (!METRIC.test(name) || help?.name !== name) throw new Error(`no HELP before: ${line}`)
      if (families.has(name)) throw new Error(`twice: ${line}`)
      current = { name, type: told[3] as Family['type'], help: help.text, samples: [] }
      families.set(name, current)
    } else {
      const sample = parseSample(line)
      if (current === null || !belongs(sample.name, current)) throw new Error(`astray: ${line}`)
      const key = line.slice(0, line.lastIndexOf(' '))
      if (series.has(key)) throw new Error(`a series twice: ${line}`)
      series.add(key)
      current.samples.push(sample)
    }
  }
  for (const family of families.values()) check(family)
  return families
}

function parseSample(line: string): Sample {
  const [, name = '', inner = '', value = ''] = SAMPLE.exec(line) ?? []
  if (name === '') throw new Error(`not a sample: ${line}`)
  const labels: Record<string, string> = {}
  let at = 0
  while (at < inner.length) {
    LABEL.lastIndex = at
    const found = LABEL.exec(inner)
    if (found === null || found[1] === undefined) throw new Error(`not labels: ${line}`)
    if (found[1] in labels) throw new Error(`a label twice: ${line}`)
    labels[found[1]] = found[2] ?? ''
    at = LABEL.lastIndex
  }
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) }
}

function belongs(name: string, { name: family, type }: Family): boolean {
  return (SUFFIXES[type] ?? ['']).some((suffix) => name === family + suffix)
}

function check({ name, type, samples }: Family): void {
  if (type === 'counter' && !name.endsWith('_total')) throw new Error(`${name} is no _total`)
  if (type === 'counter' && samples.some(({ value }) => !(value >= 0))) {
    throw new Error(`${name} is below 0`)
  }
  if (type !== 'histogram') return
  const buckets = Map.groupBy(
    samples.filter((each) => each.name.endsWith('_bucket')),
    ({ labels: { le: _, ...rest } }) => JSON.stringify(rest),
  )
  for (const [key, found] of buckets) {
    const bounds = found.map(({ labels }) => Number(labels.le?.replace('Inf', 'Infinity')))
    const rises = (values: number[]): boolean =>
      values.every((each, at) => at === 0 || each >= (values[at - 1] ?? 0))
    const count = samples.find(
      (each) => each.name === `${name}_count` && JSON.stringify(each.labels) === key,
    )
    const isWhole = bounds.at(-1) === Number.POSITIVE_INFINITY && rises(bounds)
    if (!isWhole || !rises(found.map(({ value }) => value))) throw new Error(`${name}: buckets`)
    if (count?.value !== found.at(-1)?.value) throw new Error(`${name}: count`)
  }
}
