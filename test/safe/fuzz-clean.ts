import { createRenumbering } from '../../server/simulate/renumber.ts'
import { loadAri } from '../../server/simulate/scenario.ts'
import { newTake } from '../support/linked.ts'
import { within } from './fuzz-alive.ts'
import type { FuzzServer } from './fuzz-server.ts'

/** A call as a PBX in good health tells it: what was noise before must not have ended anything. */
export interface CleanCall {
  readonly uniqueId: string
  /** Packets of AMI or frames of ARI. */
  readonly told: readonly string[]
}

/** Extension 101 is called, answers, and the customer hangs up. */
const RECORDED = 'incoming-answered'

export async function cleanAmiCall(): Promise<CleanCall> {
  const { uniqueId, packets } = await newTake(RECORDED, '22')
  return { uniqueId, told: packets }
}

/** Ids of the noise begin far below. */
const CLEAN_BASE = 90_000_000

export async function cleanAriCall(): Promise<CleanCall> {
  const frames = await loadAri(RECORDED, '22')
  const recordedAt = new Date(frames[0]?.t ?? 0)
  const startAt = new Date()
  const renumbering = createRenumbering(recordedAt, { uniqueIdBase: CLEAN_BASE, startAt })
  const later = (text: string): string =>
    new Date(Date.parse(text) + renumbering.shiftSeconds * 1000).toISOString().replace('Z', '+0000')
  const told = frames.map(({ event }) =>
    renumbering
      .text(JSON.stringify(event))
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]{12}\+0000/g, (text) => later(text)),
  )
  const uniqueId = /"type":"ChannelCreated".*?"id":"([\d.]+)"/.exec(told.join('\n'))?.[1] ?? ''
  return { uniqueId, told }
}

export async function linkIsUp(server: FuzzServer, kind: 'ami' | 'ari'): Promise<boolean> {
  const { body } = await server.api('GET', `/api/connections/${server.connectionId}`)
  return body.status?.[kind]?.state === 'up'
}

/** A lost link comes back within 15 s, plus what waits on a loaded machine. */
const LINK_MS = 45_000

/** Whether the link of an account is up, or comes up in time. */
export function linkComesUp(server: FuzzServer, kind: 'ami' | 'ari'): Promise<boolean> {
  return within(LINK_MS, () => linkIsUp(server, kind))
}

const ARRIVES_MS = 20_000

/** Whether the call is there from its first ring to its end. */
export function callArrives(server: FuzzServer, { uniqueId }: CleanCall): Promise<boolean> {
  return within(ARRIVES_MS, async () => {
    const { body } = await server.api('GET', '/api/calls?limit=200')
    return (body.items ?? []).some(
      (call: { uniqueId: string; state: string; outcome: string }) =>
        call.uniqueId === uniqueId && call.state === 'ended' && call.outcome === 'answered',
    )
  })
}
