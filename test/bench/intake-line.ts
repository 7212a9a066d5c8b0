import { connect, type Socket } from 'node:net'

/** A keep-alive connection with one request on its way at a time, as thin as it can be. */
export interface Line {
  post(path: string, body: string, onAnswer: (status: number) => void): void
  close(): void
}

const HEAD_END = '\r\n\r\n'

/** Connects to a server of this machine. `onLost`: it was cut while an answer was waited for. */
export async function openLine(url: string, onLost: (why: string) => void): Promise<Line> {
  const { hostname, port, host } = new URL(url)
  const socket = await connected(Number(port), hostname)
  let waits: ((status: number) => void) | null = null
  let received = ''
  const answered = (status: number): void => {
    const tell = waits
    waits = null
    received = ''
    tell?.(status)
  }
  socket.setNoDelay(true).setEncoding('latin1')
  socket.on('data', (text: string) => {
    received += text
    const head = received.indexOf(HEAD_END)
    if (head === -1 || !isWhole(received, head)) return
    answered(Number(received.slice(9, 12)))
  })
  const lost = (why: string): void => {
    if (waits !== null) onLost(why)
  }
  socket.on('error', (error) => lost(error.message))
  socket.on('close', () => lost('the server closed the connection'))
  return {
    post: (path, body, onAnswer) => {
      waits = onAnswer
      if (socket.destroyed) lost('the server had closed the connection')
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        'latin1',
      )
    },
    close: () => {
      waits = null
      socket.destroy()
    },
  }
}

function isWhole(received: string, head: number): boolean {
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, head))?.[1]
  return length === undefined
    ? received.endsWith(`0${HEAD_END}`)
    : received.length >= head + HEAD_END.length + Number(length)
}

function connected(port: number, host: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => {
      socket.off('error', reject)
      resolve(socket)
    })
    socket.once('error', reject)
  })
}
