import { WAYS } from './hostile-live.ts'

/** Where most of the texts have to be seen. */
const MOST_IN = [
  ...['notifications', 'case list', 'case', 'case: History'],
  ...['settings: People', 'settings: Keys', 'settings: Audit log'],
  ...['/admin: AMI, extensions', 'reports: Channels', '/reports: leaderboard', 'CSV'],
  ...['/reports: workload by agent', '/reports: calls by queue'],
  ...['wallboard', '/agent', '/agent: case', '/demo'],
]

/** Where those are seen that came in this way, or that there is room for. */
const SOME_IN = [
  ...WAYS.flatMap((way) => [
    `pop-up by ${way}`,
    `call bar and profile by ${way}`,
    `what happened by ${way}`,
  ]),
  ...['/admin: AMI, link', '/admin: webhook, log', '/wallboard', '/admin', 'settings: Data fields'],
]

/** The places where too few of the texts were seen: a place that shows none of them proves nothing. */
export function unseenIn(
  shown: Readonly<Record<string, number>>,
  texts: readonly string[],
): readonly string[] {
  const isShort = (least: number) => (place: string) => (shown[place] ?? 0) < least
  return [...MOST_IN.filter(isShort(texts.length / 2)), ...SOME_IN.filter(isShort(1))].map(
    (place) => `${place} showed ${shown[place] ?? 0} of ${texts.length} texts`,
  )
}
