/** Why a call is as it is: asked for when somebody wants to know (CALL-19). */
import type { TraceView } from '../../server/http/schemas.ts'
import type { Client } from './client.ts'

export type TraceItem = TraceView['items'][number]

export async function loadTrace({ api }: Client, callId: string): Promise<readonly TraceItem[]> {
  return (await api.get<TraceView>(`/api/calls/${encodeURIComponent(callId)}/trace`)).items
}
