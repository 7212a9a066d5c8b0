import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/**
 * What becomes of the bytes: `pass` both ways, `refuse` (connections are ended at once), or `swallow`
 * (nothing arrives and nothing is closed, as by a firewall that has forgotten the connection).
 */
export type ProxyMode = 'pass' | 'refuse' | 'swallow'

/** A TCP proxy that can fail in the ways in which networks do. */
export interface CuttableProxy extends AsyncDisposable {
  readonly port: number
  /** For connections from now on; those that were swallowed once stay dead. */
  become(mode: ProxyMode): void
  /** Ends both sides of every connection, and refuses new ones until told otherwise. */
  cut(): void
  /** The ports of the clients that are connected now, by this proxy's side. */
  clientPorts(): readonly number[]
  /** How many have been connected at the same time at most. */
  mostAtOnce(): number
  close(): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly server: Socket | null
  isDead: boolean
}

export async function startCuttableProxy(
  targetPort: number,
  host = '127.0.0.1',
): Promise<CuttableProxy> {
  const pairs = new Set<Pair>()
  let mode: ProxyMode = 'pass'
  let most = 0

  const end = (pair: Pair): void => {
    pairs.delete(pair)
    pair.client.destroy()
    pair.server?.destroy()
  }
  const server = createServer((client) => {
    client.on('error', () => undefined)
    if (mode === 'refuse') return client.destroy()
    const isDead = mode === 'swallow'
    const target = isDead ? null : connect({ host, port: targetPort })
    const pair: Pair = { client, server: target, isDead }
    pairs.add(pair)
    most = Math.max(most, pairs.size)
    client.on('data', (bytes) => {
      if (!pair.isDead) target?.write(bytes)
    })
    // A dead line tells nobody that the other side has gone.
    client.on('close', () => end(pair))
    target?.on('error', () => undefined)
    target?.on('data', (bytes) => {
      if (!pair.isDead) client.write(bytes)
    })
    target?.on('close', () => {
      if (!pair.isDead) end(pair)
    })
  })
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  const cut = (): void => {
    mode = 'refuse'
    for (const pair of [...pairs]) end(pair)
  }
  const close = async (): Promise<void> => {
    cut()
    server.close()
    await once(server, 'close')
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    become: (next) => {
      mode = next
      if (mode === 'swallow') for (const pair of pairs) pair.isDead = true
    },
    cut,
    clientPorts: () => [...pairs].flatMap(({ client }) => client.remotePort ?? []),
    mostAtOnce: () => most,
    close,
    [Symbol.asyncDispose]: close,
  }
}
