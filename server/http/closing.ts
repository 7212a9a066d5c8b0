import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * What ends a server's requests: it takes no more connections, and waits until those that there are have been
 * answered, for so many milliseconds at most; then it ends them. Websockets, for which `server.close` would wait
 * without end, go on: they are ended by whom they belong to.
 */
export type EndRequests = (patienceMs: number) => Promise<void>

/** For a server that does not listen yet. */
export function createEndRequests(server: Server): EndRequests {
  const connections = new Set<Socket>()
  const none = Promise.withResolvers<void>()
  const remove = (socket: Socket): void => {
    connections.delete(socket)
    if (!server.listening && connections.size === 0) none.resolve()
  }
  server.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => remove(socket))
  })
  server.on('upgrade', ({ socket }) => remove(socket))
  return async (patienceMs) => {
    const patience = setTimeout(() => server.closeAllConnections(), patienceMs)
    server.close()
    if (connections.size > 0) await none.promise
    clearTimeout(patience)
  }
}
