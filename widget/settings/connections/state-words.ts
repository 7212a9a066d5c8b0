/** How a connection is, in plain words: each way in, and what is wrong with what to do. */
import { span, when } from '../../format-time.ts'
import { t } from '../../i18n/t.ts'
import type { Connection, LinkState } from './contract.ts'
import type { Step } from './steps.ts'

export type Tone = 'good' | 'waiting' | 'bad' | 'off'
export interface Way {
  readonly name: string
  readonly tone: Tone
  readonly text: string
}
export interface Trouble {
  readonly text: string
  /** Where it is put right; null: not here. */
  readonly step: Step | null
}

/** From this difference of clocks on it shifts calls (CALL-17). */
const CLOCK_SECONDS = 120

/** The three ways in, as far as they are used. */
export function waysOf(connection: Connection, now: number): readonly Way[] {
  const { ari, ami, webhook } = connection.status
  const { lastEventAt } = webhook
  return [
    {
      name: t('conn.webhook'),
      tone: lastEventAt === null ? 'off' : 'good',
      text:
        lastEventAt === null
          ? t('conn.noEvent')
          : t('conn.lastEvent', { time: when(lastEventAt, now) }),
    },
    linkWay(t(isFromPbx(connection) ? 'conn.ariSocket' : 'conn.ari'), ari, now),
    linkWay(t('conn.ami'), ami, now),
  ]
}

/** The PBX opens the websocket: there is a link without an account. */
export function isFromPbx({ ari, status }: Connection): boolean {
  return ari === null && status.ari.state !== 'off'
}

const TONES: Readonly<Record<LinkState['state'], Tone>> = {
  up: 'good',
  connecting: 'waiting',
  down: 'bad',
  off: 'off',
}

function linkWay(name: string, link: LinkState, now: number): Way {
  return { name, tone: TONES[link.state], text: linkText(link, now) }
}

function linkText({ state, since, error, version }: LinkState, now: number): string {
  if (state === 'off') return t('conn.off')
  if (state === 'connecting') return t('conn.connecting')
  if (state === 'up')
    return version === null ? t('conn.up') : t('conn.upVersion', { version: shortVersion(version) })
  const time = since === null ? '' : when(since, now)
  const known = time === '' ? t('conn.down') : t('conn.downSince', { time })
  return error === null ? known : `${known}: ${error}`
}

/** `Asterisk 22.1.0` and `22.1.0` are the same news. */
export function shortVersion(version: string): string {
  return version.replace(/^Asterisk\s+/i, '')
}

/** What keeps pop-ups from coming, the gravest first. */
export function troublesOf(connection: Connection, hasAgents: boolean): readonly Trouble[] {
  const { error, status, clockErrorSeconds } = connection
  const found: Trouble[] = []
  if (error !== null) found.push({ text: error, step: 'link' })
  for (const kind of ['ari', 'ami'] as const) {
    if (status[kind].state === 'down' && connection[kind] !== null) {
      found.push({ text: t('conn.troubleDown', { way: t(`conn.${kind}`) }), step: 'link' })
    }
  }
  if (!hasAgents) found.push({ text: t('conn.troubleNobody'), step: 'extensions' })
  if (isSilent(connection)) found.push({ text: t('conn.troubleSilent'), step: 'dialplan' })
  const clock = clockText(clockErrorSeconds)
  if (clock !== null) found.push({ text: clock, step: null })
  return found
}

function isSilent({ status, ari, ami }: Connection): boolean {
  const hasLink = ari !== null || ami !== null || status.ari.state !== 'off'
  return !hasLink && status.webhook.lastEventAt === null
}

/** The clock of the PBX, where it is so wrong that it has to be told of. */
export function clockText(seconds: number | null): string | null {
  if (seconds === null || Math.abs(seconds) < CLOCK_SECONDS) return null
  return t(seconds > 0 ? 'conn.clockBehind' : 'conn.clockAhead', { span: span(Math.abs(seconds)) })
}
