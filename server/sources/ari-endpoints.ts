import { readString } from './ari-fields.ts'
import type { AriRest } from './ari-rest.ts'
import type { Endpoint } from './pbx.ts'

/** `GET /endpoints`: the phones and trunks of the PBX (ARI-1). */
export async function readEndpoints(rest: AriRest): Promise<readonly Endpoint[]> {
  const answer = await rest.get('endpoints')
  return (Array.isArray(answer) ? answer : []).flatMap((value: unknown) => {
    const technology = readString(value, 'technology')
    const resource = readString(value, 'resource')
    if (technology === null || resource === null) return []
    return [{ technology, resource, state: toState(readString(value, 'state')) }]
  })
}

function toState(state: string | null): Endpoint['state'] {
  return state === 'online' || state === 'offline' ? state : 'unknown'
}
