/**
 * `node test/asterisk/outbound.ts`: a real Asterisk 22 with the generated settings connects to
 * Ringside by itself (ARI-4). It must tell a call's events in order, answer requests on the same
 * websocket, and, after Ringside was away during a call, tell that call late.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '../../server/log.ts'
import { readEndpoints } from '../../server/sources/ari-endpoints.ts'
import { readObject, readString } from '../../server/sources/ari-fields.ts'
import type { AriSession } from '../../server/sources/ari-session.ts'
import { createAriSockets, tokenOfAriPath } from '../../server/sources/ari-socket.ts'
import { createWebsocketClientConf } from '../../server/sources/ari-socket-conf.ts'
import { installAsterisk } from './rig.ts'

const PORT = 26_300
const RIG = join(import.meta.dirname, 'rig')
const env = { ...process.env, INSTANCE: 'ringside-outbound', PORT_BASE: '26000' }
const say = (line: string): void => void process.stdout.write(`${line}\n`)

interface Visit {
  readonly session: AriSession
  readonly events: { readonly type: string; readonly channelId: string; readonly lateMs: number }[]
  readonly server: Server
  close(): Promise<void>
}

function rig(script: string, ...args: string[]): boolean {
  const { status, stdout, stderr } = spawnSync(join(RIG, script), args, { env, encoding: 'utf8' })
  if (status !== 0) say(`${script}: ${stdout}${stderr}`)
  return status === 0
}

/** Opens the door and resolves when the PBX has come in. */
function receive(): Promise<Visit> {
  const { promise, resolve } = Promise.withResolvers<Visit>()
  const events: Visit['events'] = []
  const server = createServer()
  const sockets = createAriSockets({
    accept: (path, authorization) => {
      const basic = Buffer.from('outbound:word;word').toString('base64')
      return tokenOfAriPath(path) === 'TOKEN' && authorization === `Basic ${basic}` ? 'pbx' : null
    },
    onSession: (_id, session) => {
      resolve({ session, events, server, close })
      return {
        onEvent: (event, arrivedAt) => {
          const at = new Date(readString(event, 'timestamp') ?? '').getTime()
          const channelId = readString(readObject(event, 'channel'), 'id') ?? ''
          const type = readString(event, 'type') ?? ''
          events.push({ type, channelId, lateMs: arrivedAt.getTime() - at })
        },
        onClose: (reason) => say(`the PBX went: ${reason}`),
      }
    },
    log: createLog('warn'),
    clock: () => new Date(),
  })
  const close = async (): Promise<void> => {
    await sockets.close()
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
  server.on('upgrade', sockets.handleUpgrade)
  server.listen(PORT, '127.0.0.1')
  return promise
}

function writeSettings(folder: string): void {
  const { websocketClientConf, ariConf } = createWebsocketClientConf({
    host: '127.0.0.1',
    port: PORT,
    tls: false,
    path: '/pbx/ari/TOKEN',
    userName: 'outbound',
    password: 'word;word',
    app: 'ringside-outbound',
  })
  writeFileSync(join(folder, 'websocket_client.conf'), websocketClientConf)
  const own = readFileSync(join(RIG, 'etc/ari.conf'), 'utf8')
  writeFileSync(join(folder, 'ari.conf'), `${own}\n${ariConf}`)
}

const failures: string[] = []
function check(what: string, holds: boolean): void {
  say(`${holds ? 'ok    ' : 'FAILED'} ${what}`)
  if (!holds) failures.push(what)
}

const obstacle = await installAsterisk('22', AbortSignal.timeout(600_000))
if (obstacle !== null) {
  say(`skipped: ${obstacle}`)
  process.exit(0)
}
const folder = mkdtempSync(join(tmpdir(), 'ringside-outbound-'))
try {
  writeSettings(folder)
  rig('stop', '22')
  Object.assign(env, { EXTRA_ETC: folder })
  check('Asterisk 22 starts with the generated settings', rig('start', '22'))
  const first = await receive()
  say(`Asterisk ${first.session.version}`)
  check(
    'requests are answered on its websocket',
    (await readEndpoints(first.session.rest)).length > 3,
  )
  check('the account may dial', !first.session.isReadOnly)
  await first.close()
  check('a call goes as planned while nobody is there', rig('call', '22', 'incoming-answered'))
  const second = await receive()
  // Its answer comes after everything that was queued.
  await second.session.rest.get('channels')
  const created = second.events.filter(({ type }) => type === 'ChannelCreated')
  const gone = second.events.filter(({ type }) => type === 'ChannelDestroyed')
  check('the call is told afterwards', created.length >= 2 && gone.length === created.length)
  check(
    'late, by its own times',
    created.every(({ lateMs }) => lateMs > 3000),
  )
  const before = second.events.length
  check('a call goes as planned', rig('call', '22', 'incoming-answered'))
  await second.session.rest.get('channels')
  const told = second.events.slice(before)
  check(
    'a call is told from its beginning',
    told.some(({ type }) => type === 'ChannelCreated'),
  )
  check(
    'and to its end',
    told.at(-1) !== undefined && told.some(({ type }) => type === 'ChannelDestroyed'),
  )
  await second.close()
} finally {
  rig('stop', '22')
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = failures.length === 0 ? 0 : 1
