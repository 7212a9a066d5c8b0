import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import test, { after, before, describe } from 'node:test'
import { WebSocket } from 'ws'
import type { ExpectedCall } from '../../server/simulate/scenario.ts'
import { type AsteriskVersion, loadAri, loadScenario } from '../../server/simulate/scenario.ts'
import { onEachDatabase } from '../support/database.ts'
import { ARI_PASSWORD, ARI_USER, createFakeAri, type FakeAri } from '../support/fake-ari.ts'
import { assertAsExpected, callNamed, callsOf, linkStatus, until } from '../support/linked.ts'
import { openStream, type StreamEvent } from '../support/sse.ts'
import { createWorld, type World } from '../support/world.ts'

type Json = Record<string, any>

/** What goes on in a PBX, as its own events tell. */
function createModel() {
  const channels = new Map<string, Json>()
  const bridges = new Map<string, Json>()
  return {
    follow: (event: Json): void => {
      for (const key of ['channel', 'peer', 'caller']) {
        const channel = event[key] as Json | undefined
        if (channel?.id !== undefined) channels.set(channel.id, channel)
      }
      if (event.bridge?.id !== undefined) bridges.set(event.bridge.id, event.bridge)
      if (event.type === 'ChannelDestroyed') channels.delete(event.channel.id)
      if (event.type === 'BridgeDestroyed') bridges.delete(event.bridge.id)
    },
    answer: (path: string): unknown => {
      if (path === 'channels') return [...channels.values()]
      if (path === 'bridges') return [...bridges.values()]
      if (path === 'asterisk/info') return { system: { version: '22.10.1' } }
      return path === 'endpoints' ? [] : null
    },
  }
}

interface AriTake {
  readonly events: readonly Json[]
  readonly uniqueId: string
  readonly expected: ExpectedCall
}

let takes = 0

/** A recorded call with ids, a customer's number and times of its own. */
async function ariTake(name: string, version: AsteriskVersion, at = Date.now()): Promise<AriTake> {
  takes += 1
  const frames = await loadAri(name, version)
  const [expected] = (await loadScenario(name, version))!.expected
  const number = expected!.direction === 'incoming' ? expected!.caller.number : expected!.called
  const own = `7916777${String(1000 + takes)}`
  const start = frames[0]!.t
  const text = JSON.stringify(frames.map(({ event }) => event))
    .replaceAll(number, own)
    .replaceAll(/"(\d{10})\.(\d+)"/g, (_, seconds, n) => `"${seconds}.${takes}${n}"`)
    .replaceAll(/"(\d{4}-\d\d-\d\dT[\d:.]+)\+0000"/g, (_, iso) => {
      const shifted = new Date(Date.parse(`${iso}Z`) - start + at)
      return `"${shifted.toISOString().slice(0, -1)}+0000"`
    })
  const events = JSON.parse(text) as Json[]
  const first = events.find(({ type }) => type === 'ChannelCreated')!
  return {
    events,
    uniqueId: first.channel.id,
    expected:
      expected!.direction === 'incoming'
        ? { ...expected!, caller: { ...expected!.caller, number: own } }
        : { ...expected!, called: own },
  }
}

onEachDatabase((open) => {
  describe('Ringside connects to the PBX', () => {
    let world: World
    let ari: FakeAri
    let model = createModel()
    /** What is asked of the PBX's state is answered when this has settled. */
    let busy: Promise<void> = Promise.resolve()
    before(async () => {
      world = await createWorld(open)
      ari = await createFakeAri({
        answer: (request: IncomingMessage, response: ServerResponse) => {
          const path = (request.url ?? '').split('?')[0]!.replace('/ari/', '')
          if (request.method !== 'GET' || !['channels', 'bridges'].includes(path)) return false
          response.setHeader('content-type', 'application/json')
          void busy.then(() => response.end(JSON.stringify(model.answer(path))))
          return true
        },
      })
      const account = { url: ari.url, userName: ARI_USER, password: ARI_PASSWORD, events: true }
      const answer = await world.api('PATCH', `/api/connections/${world.connectionId}`, {
        ari: account,
      })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      await until(async () => (await linkStatus(world, 'ari')).state === 'up')
    })
    after(async () => {
      await world.close()
      await ari[Symbol.asyncDispose]()
    })
    const tell = (events: readonly Json[], isHeard = true): void => {
      for (const event of events) {
        model.follow(event)
        if (isHeard) ari.send(event)
      }
    }
    const ended = async (uniqueId: string): Promise<void> =>
      until(async () => (await callNamed(world, uniqueId))?.state === 'ended')

    for (const name of ['incoming-queue-answered', 'outgoing-answered', 'incoming-missed']) {
      test(`ARI-2 ${name} by ARI alone`, async () => {
        const take = await ariTake(name, '22')
        tell(take.events)
        await ended(take.uniqueId)
        assertAsExpected(await callNamed(world, take.uniqueId), take.expected)
      })
    }

    test('ARI-2 HOLD-5 a call that ends while the PBX is asked what goes on, and of which only the end was heard', async () => {
      model = createModel()
      const take = await ariTake('incoming-answered', '22')
      const end = take.events.findIndex(({ type }) => type === 'ChannelHangupRequest')
      const asked = (): number =>
        ari.requests.filter((line) => line.startsWith('GET /ari/channels')).length
      const before = asked()
      const answered = Promise.withResolvers<void>()
      busy = answered.promise
      const opened = ari.opened()
      ari.cut()
      tell(take.events.slice(0, end), false)
      await opened
      await until(() => asked() === before + 1)
      tell(take.events.slice(end))
      // The answer comes by another line than the events, which are heard by then.
      await new Promise((resolve) => setTimeout(resolve, 200))
      answered.resolve()
      await ended(take.uniqueId)
      const { direction, caller, answeredBy } = take.expected
      const call = await callNamed(world, take.uniqueId)
      assert.deepEqual(
        [call?.direction, call?.from.raw, call?.outcome],
        [direction, caller.number, 'answered'],
      )
      assert.equal(call?.legs.find(({ result }) => result === 'answered')?.extension, answeredBy)
      const times = [call?.startedAt, call?.answeredAt, call?.endedAt].map(String)
      assert.deepEqual(times, times.toSorted())
    })

    test('ARI-2 HOLD-4 cut in the middle: what was missed is put right by the channels and bridges', async () => {
      for (const share of [0.15, 0.35, 0.5, 0.7]) {
        model = createModel()
        const take = await ariTake('incoming-answered', '22')
        const at = Math.floor(take.events.length * share)
        const opened = ari.opened()
        tell(take.events.slice(0, at))
        ari.cut()
        tell(take.events.slice(at, at + 25), false)
        await opened
        await until(async () => (await linkStatus(world, 'ari')).state === 'up')
        tell(take.events.slice(at + 25))
        await ended(take.uniqueId)
        assertAsExpected(await callNamed(world, take.uniqueId), take.expected)
      }
    })
  })

  describe('the PBX connects to Ringside', () => {
    let world: World
    before(async () => {
      world = await createWorld(open)
    })
    after(() => world.close())

    /** A PBX that opens its websocket; events that it kept come first. */
    const dial = async (kept: readonly Json[], model = createModel()): Promise<WebSocket> => {
      const token = new URL(world.webhookUrl).pathname.split('/').at(-1)
      const socket = new WebSocket(`${world.url.replace('http', 'ws')}/pbx/ari/${token}`, 'ari')
      socket.on('message', (bytes) => {
        const request = JSON.parse(String(bytes)) as Json
        if (request.type !== 'RESTRequest') return
        const found = model.answer(String(request.uri).replace(/^\/?(ari\/)?/, ''))
        socket.send(
          JSON.stringify({
            type: 'RESTResponse',
            request_id: request.request_id,
            status_code: found === null ? 404 : 200,
            content_type: 'application/json',
            message_body: JSON.stringify(found),
          }),
        )
      })
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
      for (const event of kept) {
        model.follow(event)
        socket.send(JSON.stringify(event))
      }
      return socket
    }

    test('ARI-4 a PBX that opens its websocket is linked, and its calls are calls', async () => {
      const take = await ariTake('incoming-queue-answered', '22')
      const socket = await dial([])
      await until(async () => (await linkStatus(world, 'ari')).state === 'up')
      assert.equal((await linkStatus(world, 'ari')).version, '22.10.1')
      for (const event of take.events) socket.send(JSON.stringify(event))
      await until(async () => (await callNamed(world, take.uniqueId))?.state === 'ended')
      assertAsExpected(await callNamed(world, take.uniqueId), take.expected)
      socket.terminate()
      await until(async () => (await linkStatus(world, 'ari')).state === 'down')
    })

    test('ARI-4 events kept while Ringside was away come in bulk: right in the end, no stale pop-up', async () => {
      using stream = await openStream(world.url, world.token('anna'))
      await stream.next(({ type }) => type === 'hello')
      const take = await ariTake('incoming-answered', '22', Date.now() - 120_000)
      const socket = await dial(take.events)
      await until(async () => (await callNamed(world, take.uniqueId))?.state === 'ended')
      const call = await callNamed(world, take.uniqueId)
      assertAsExpected(call, take.expected)
      assert.ok(
        Date.now() - Date.parse(call!.startedAt) > 60_000,
        'its own time, not that of arrival',
      )
      const isOfCall = ({ type, data }: StreamEvent): boolean =>
        type === 'call' && data.uniqueId === take.uniqueId
      await stream.next((event) => isOfCall(event) && event.data.state === 'ended')
      const told = stream.events.filter(isOfCall).map(({ data }) => data as Json)
      assert.equal(told.filter(({ state }) => state === 'ringing').length, 0, JSON.stringify(told))
      socket.terminate()
    })

    test('ARI-4 nobody gets in without the token', async () => {
      const socket = new WebSocket(`${world.url.replace('http', 'ws')}/pbx/ari/nonsense`, 'ari')
      const [status] = await new Promise<[number]>((resolve) =>
        socket.once('unexpected-response', (_request, response) =>
          resolve([response.statusCode ?? 0]),
        ),
      )
      assert.equal(status, 401)
      assert.ok((await callsOf(world)).length > 0)
    })
  })
})
