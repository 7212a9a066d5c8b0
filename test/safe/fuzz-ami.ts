import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventsOf, type Played, settledOrStuck, watchFlood } from './fuzz-alive.ts'
import { callArrives, cleanAmiCall, linkComesUp } from './fuzz-clean.ts'
import { hostileAmi, RESYNC } from './fuzz-noise.ts'
import type { FuzzServer } from './fuzz-server.ts'

const MB = 1024 * 1024
const BANNER = 'Asterisk Call Manager/11.0.0\r\n'
/** Longer than a lost link takes to come back. */
const STALL_MS = 60_000

/** A manager interface whose link comes up, sends noise, and then tells a call; against the running server. */
export async function fuzzAmi(
  server: FuzzServer,
  { megabytes, seed }: { readonly megabytes: number; readonly seed: number },
): Promise<Played> {
  if (megabytes === 0) return { lines: [], failures: [] }
  const begin = performance.now()
  const pbx = await createNoisyPbx(hostileAmi(seed ^ 0xa31), megabytes * MB, () =>
    linkComesUp(server, 'ami'),
  )
  const failures: string[] = []
  const flood = watchFlood(server)
  const path = `/api/connections/${server.connectionId}`
  const account = { host: '127.0.0.1', port: pbx.port, userName: 'ringside', secret: 'x' }
  try {
    const saved = await server.api('PATCH', path, { ami: { ...account, events: true } })
    if (saved.status !== 200) failures.push(`AMI: refused: ${JSON.stringify(saved.body)}`)
    while (!pbx.isDone() && !flood.isLost() && pbx.stalledMs() < STALL_MS) await sleep(50)
    if (!pbx.isDone()) failures.push(`AMI: only ${(pbx.bytes() / MB).toFixed(1)} MiB got in`)
    const seconds = ((performance.now() - begin) / 1000).toFixed(1)
    const seen = await flood.stop()
    failures.push(...seen.failures)
    if ((await eventsOf(server, 'ami')) === 0) {
      failures.push('AMI: nothing of the noise became an event of a call')
    }
    if (failures.length === 0) failures.push(...(await tellCall(server, pbx)))
    const told = await eventsOf(server, 'ami')
    return {
      failures,
      lines: [
        `AMI, running server: ${(pbx.bytes() / MB).toFixed(0)} MiB in ${seconds} s, ${pbx.logins()} logins, ${told} events of calls, ${seen.lines.join()}`,
      ],
    }
  } finally {
    await server.api('PATCH', path, { ami: null }).catch(() => undefined)
    await pbx.close()
  }
}

/** After all the noise the link is there, and what it tells comes through. */
async function tellCall(server: FuzzServer, pbx: NoisyPbx): Promise<string[]> {
  const stuck = await settledOrStuck(server)
  if (stuck.length > 0) return stuck
  if (!(await linkComesUp(server, 'ami'))) return ['AMI: the link is not up after the noise']
  const call = await cleanAmiCall()
  pbx.tell([RESYNC.toString(), ...call.told].join(''))
  return (await callArrives(server, call)) ? [] : ['AMI: a call after the noise did not arrive']
}

interface NoisyPbx {
  readonly port: number
  bytes(): number
  logins(): number
  /** All of the noise has gone out. */
  isDone(): boolean
  /** How long nothing went out. */
  stalledMs(): number
  /** To whoever is logged in. */
  tell(text: string): void
  close(): Promise<void>
}

/** `linkUp` says when the noise may begin: before that the server keeps back whatever it is told. */
async function createNoisyPbx(
  noise: AsyncGenerator<Buffer>,
  goal: number,
  linkUp: () => Promise<boolean>,
): Promise<NoisyPbx> {
  const sockets = new Set<Socket>()
  let bytes = 0
  let logins = 0
  let movedAt = performance.now()
  const pour = async (socket: Socket): Promise<void> => {
    if (!(await linkUp())) return
    while (bytes < goal && !socket.destroyed) {
      // Never `return` it: the next session goes on with the same noise.
      const { value: piece } = await noise.next()
      const isTaken = socket.write(piece)
      if (!isTaken) await drained(socket)
      if (socket.destroyed) return
      bytes += piece.length
      movedAt = performance.now()
    }
  }
  const pbx = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    socket.write(BANNER)
    answerActions(socket, () => {
      logins += 1
      void pour(socket)
    })
  })
  await new Promise<void>((resolve) => pbx.listen(0, '127.0.0.1', resolve))
  const address = pbx.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    bytes: () => bytes,
    logins: () => logins,
    isDone: () => bytes >= goal,
    stalledMs: () => performance.now() - movedAt,
    tell: (text) => {
      for (const socket of sockets) socket.write(text, 'latin1')
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => pbx.close(resolve))
    },
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      socket.off('drain', settle).off('close', settle)
      resolve()
    }
    socket.once('drain', settle).once('close', settle)
  })
}

/** Every action succeeds; no channel is there. */
function answerActions(socket: Socket, onLogin: () => void): void {
  let text = ''
  let isIn = false
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const action = text.slice(0, end)
      text = text.slice(end + 4)
      const id = /^ActionID: (.*)$/im.exec(action)?.[1] ?? ''
      const name = /^Action: (.*)$/im.exec(action)?.[1] ?? ''
      const says = name === 'Challenge' ? 'Challenge: 123456789' : 'Message: Fine'
      socket.write(`Response: Success\r\nActionID: ${id}\r\n${says}\r\n\r\n`)
      if (name === 'CoreShowChannels') {
        const end = 'EventList: Complete\r\nListItems: 0'
        socket.write(`Event: CoreShowChannelsComplete\r\nActionID: ${id}\r\n${end}\r\n\r\n`)
      }
      if (/login/i.test(name) && !isIn) {
        isIn = true
        onLogin()
      }
    }
  })
}
