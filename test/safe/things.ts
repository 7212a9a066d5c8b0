import { wavOf } from '../support/wav.ts'
import { ADMIN_KEY, type World } from '../support/world.ts'
import type { Things } from './access-table.ts'
import { signIn } from './identities.ts'

/** One of everything: a call that anna answered, in a case, with a recording, and what admins make. */
export async function createThings(world: World, hookUrl: string): Promise<Things> {
  const must = async (method: string, path: string, body?: unknown, as?: string): Promise<any> => {
    const answer = await world.api(method, path, body, as)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
    return answer.body
  }
  let count = 0
  const made = async (kind: 'user' | 'agent' | 'connection' | 'hook' | 'key'): Promise<string> => {
    count += 1
    const name = `${kind} ${count}`
    const [path, body] = {
      user: ['/api/users', { name }],
      agent: ['/api/agents', { externalId: name, name }],
      connection: ['/api/connections', { name, timeZone: 'UTC', country: 'RU' }],
      hook: ['/api/hooks', { url: hookUrl, events: ['user.linked'] }],
      key: ['/api/keys', { name, scopes: ['read'] }],
    }[kind] as [string, unknown]
    return (await must('POST', path, body)).id
  }
  await must('POST', '/api/agents', { externalId: 'admin', name: 'admin', role: 'admin' })
  await must('POST', '/api/agents', { externalId: 'spare', name: 'spare' })
  const { items } = await must('GET', '/api/agents?limit=200')
  const agentId = items.find((each: { externalId: string }) => each.externalId === 'spare').id
  const callId = await answeredCall(world, '1640854015.1')
  const uniqueId = '1640854015.1'
  const { id: caseId } = await must('POST', `/api/calls/${callId}/case`, { subject: 's' }, 'anna')
  const note = await must('POST', `/api/cases/${caseId}/notes`, { text: 'note' }, 'anna')
  await world.record(uniqueId, wavOf(new Int16Array(800)))
  await world.settled()
  const [recording] = (await must('GET', `/api/calls/${callId}`)).recordings
  const hookId = await made('hook')
  const { id: deliveryId } = await must('POST', `/api/hooks/${hookId}/test`)
  const { id: eraseId } = await must('POST', '/api/erase', { phone: '+79169990000' })
  return {
    connectionId: world.connectionId,
    callId,
    caseId,
    messageId: note.id,
    userId: await made('user'),
    recordingId: recording.id,
    agentId,
    signInId: (await signIn(world, 'spare')).keyId,
    hookId,
    deliveryId,
    keyId: await made('key'),
    importId: await importOf(world),
    eraseId,
    fresh: async (kind) => {
      if (kind === 'signIn') return (await signIn(world, 'spare')).keyId
      if (kind !== 'call' && kind !== 'callAgain' && kind !== 'missedCase') return made(kind)
      count += 1
      const uniqueId = `1640854016.${count}`
      if (kind === 'call') return answeredCall(world, uniqueId)
      if (kind === 'callAgain') return answeredCall(world, uniqueId, callerOf('1640854015.1'))
      return missedCase(world, uniqueId)
    },
  }
}

/** A call that anna answered, and that goes on. */
export async function answeredCall(
  world: World,
  unique_id: string,
  from_user = callerOf(unique_id),
): Promise<string> {
  const fields = { unique_id, from_user }
  await world.hook({ ...fields, status: 'incoming_start', to_user: '74951000101' })
  await world.hook({ ...fields, status: 'incoming_ring', to_user: '101' })
  await world.hook({ ...fields, status: 'incoming_answer', to_user: '101' })
  return (await world.call(unique_id)).id
}

/** The case of somebody whom nobody answered. */
async function missedCase(world: World, unique_id: string): Promise<string> {
  const fields = { unique_id, from_user: callerOf(unique_id), to_user: '74951000101' }
  await world.hook({ ...fields, status: 'incoming_start' })
  await world.hook({ ...fields, status: 'incoming_end' })
  return (await world.caseOf(unique_id)).id
}

/** Each call has a caller of its own. */
function callerOf(uniqueId: string): string {
  return `7916${uniqueId.replace(/\D/g, '').slice(-7)}`
}

async function importOf(world: World): Promise<string> {
  const answer = await fetch(`${world.url}/api/users/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'text/csv' },
    body: 'externalId,name\ncrm-2,Vera\n',
  })
  return ((await answer.json()) as { id: string }).id
}
