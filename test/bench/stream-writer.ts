/** A plain TCP server that writes the same bytes to whoever is connected: the floor of an event to all. */
import { createServer, type Socket } from 'node:net'

const sockets = new Set<Socket>()
const server = createServer((socket) => {
  sockets.add(socket)
  socket.setNoDelay(true)
  socket.on('error', () => undefined)
  socket.once('close', () => sockets.delete(socket))
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address()
  process.send?.(typeof address === 'object' && address !== null ? address.port : 0)
})
process.on('message', (text: string) => {
  const bytes = Buffer.from(text, 'latin1')
  for (const socket of sockets) socket.write(bytes)
})
process.on('disconnect', () => process.exit())
