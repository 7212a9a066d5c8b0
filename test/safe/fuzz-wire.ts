import { createRandom } from '../support/random.ts'

/** Bytes on a connection of their own that no client of HTTP would send. */
export interface OddBytes {
  readonly name: string
  readonly pieces: readonly Buffer[]
  /** The client breaks the connection instead of ending it. */
  readonly isBroken: boolean
  /** So many answers must come. */
  readonly answers: number
}

type Make = (below: (limit: number) => number, path: string) => string | Buffer

const END = '\r\n\r\n'
const HOST = 'Host: x\r\n'

const KINDS: Readonly<Record<string, Make>> = {
  'a length that promises more': (below, path) =>
    `POST ${path} HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: ${1 + below(1e7)}${END}{"status":`,
  'a length that promises less': (_, path) =>
    `POST ${path} HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 3${END}{"status":"incoming_start"}`,
  'two lengths': (below, path) =>
    `POST ${path} HTTP/1.1\r\n${HOST}Content-Length: ${below(9)}\r\nContent-Length: ${below(9)}${END}abcdefgh`,
  'a length that is none': (below, path) =>
    `POST ${path} HTTP/1.1\r\n${HOST}Content-Length: ${['-1', '+5', '1e3', '0x10', '9'.repeat(30)][below(5)]}${END}abc`,
  'a length and chunks': (_, path) =>
    `POST ${path} HTTP/1.1\r\n${HOST}Content-Length: 4\r\nTransfer-Encoding: chunked${END}0${END}GET /healthz HTTP/1.1\r\n${HOST}\r\n`,
  'chunks that lie': (below, path) =>
    `POST ${path} HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked${END}${['ffffffffffffffff', '-1', 'zz', '5;x=y', '7fffffff', '0x5'][below(6)]}\r\nhello\r\n0${END}`,
  'chunks with an extension without end': (_, path) =>
    `POST ${path} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked${END}5;${'a'.repeat(100_000)}`,
  'trailers without end': (_, path) =>
    `POST ${path} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked${END}0\r\n${'X-Trailer: 1\r\n'.repeat(5000)}`,
  'an unknown coding': (_, path) =>
    `POST ${path} HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, identity${END}abc`,
  'HTTP/1.0': (_, path) => `GET ${path} HTTP/1.0${END}`,
  'HTTP/1.0 with a body': (_, path) =>
    `POST ${path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 2${END}{}`,
  'HTTP/0.9': (_, path) => `GET ${path}\r\n`,
  'a version to come': (_, path) => `GET ${path} HTTP/9.9\r\n${HOST}\r\n`,
  'no host': (_, path) => `GET ${path} HTTP/1.1${END}`,
  'a strange host': (below, path) =>
    `GET ${path} HTTP/1.1\r\nHost: ${['', '\u00ff', 'a:b:c', '[::', 'x/../y', '"', 'a@b', '%'][below(8)]}${END}`,
  'two hosts': (_, path) => `GET ${path} HTTP/1.1\r\n${HOST}Host: y${END}`,
  'an absolute address': (below) =>
    `GET ${['http://x/healthz', 'http://', 'https://[::1', '*', '//', 'healthz', '/\\x'][below(7)]} HTTP/1.1\r\n${HOST}\r\n`,
  CONNECT: () => `CONNECT 127.0.0.1:1 HTTP/1.1\r\n${HOST}\r\n`,
  'pipelined requests': (below, path) =>
    `GET ${path} HTTP/1.1\r\n${HOST}\r\n`.repeat(1 + below(60)),
  'pipelined, a broken one among them': (_, path) =>
    `GET ${path} HTTP/1.1\r\n${HOST}\r\nGARBAGE\r\n\r\nGET /healthz HTTP/1.1\r\n${HOST}\r\n`,
  'many headers': (below, path) =>
    `GET ${path} HTTP/1.1\r\n${HOST}${'X-Flood: 1\r\n'.repeat(500 + below(3000))}\r\n`,
  'a long header': (below, path) =>
    `GET ${path} HTTP/1.1\r\n${HOST}X-Long: ${'a'.repeat(10_000 + below(200_000))}${END}`,
  'a long address': (below) => `GET /${'a'.repeat(5000 + below(100_000))} HTTP/1.1\r\n${HOST}\r\n`,
  'bytes that are no text in the address': (below, path) =>
    Buffer.concat([
      Buffer.from(`GET ${path}?q=`),
      Buffer.from([below(256), 0xff, 0xc0, 0x80 + below(64)]),
      Buffer.from(` HTTP/1.1\r\n${HOST}\r\n`),
    ]),
  'bytes that are no text in a header': (below, path) =>
    Buffer.concat([
      Buffer.from(`GET ${path} HTTP/1.1\r\n${HOST}Authorization: Bearer `),
      Buffer.from([below(256), 0x80 + below(128), below(256)]),
      Buffer.from(END),
    ]),
  'folded headers': (_, path) => `GET ${path} HTTP/1.1\r\n${HOST}X: a\r\n b\r\n\tc${END}`,
  'a space before the colon': (_, path) =>
    `POST ${path} HTTP/1.1\r\n${HOST}Transfer-Encoding : chunked${END}0${END}`,
  'line feeds alone': (_, path) => `GET ${path} HTTP/1.1\nHost: x\n\n`,
  'carriage returns alone': (_, path) => `GET ${path} HTTP/1.1\rHost: x\r\r`,
  'Expect: 100-continue': (_, path) =>
    `POST ${path} HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 20${END}`,
  'Expect: something else': (_, path) =>
    `POST ${path} HTTP/1.1\r\n${HOST}Expect: miracles\r\nContent-Length: 2${END}{}`,
  'an upgrade': (below, path) =>
    `GET ${['/', '/pbx/ari/', '/pbx/ari/none', path][below(4)]} HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: ${['websocket', 'h2c', 'x'][below(3)]}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==${END}`,
  'HTTP/2 by heart': () => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'\u0000'.repeat(30)}`,
  'the hello of TLS': () => Buffer.from('16030100a5010000a10303', 'hex'),
  'half a request': (_, path) => `GET ${path} HT`,
  noise: (below) => Buffer.from(Array.from({ length: 1 + below(3000) }, () => below(256))),
  'a line without end': (below) => 'A'.repeat(1000 + below(300_000)),
}

/**
 * Whole requests, however odd: each is answered. Of the others the answer may be lost with the
 * connection that Node ends in the middle, or there is nothing to answer yet.
 */
const WHOLE: ReadonlySet<string> = new Set([
  'HTTP/1.0',
  'HTTP/1.0 with a body',
  'no host',
  'a strange host',
  'two hosts',
  'pipelined requests',
  'Expect: 100-continue',
  'Expect: something else',
  'an upgrade',
])

/** The names of all kinds, so that a run can say that none was left out. */
export const ODD_KINDS: readonly string[] = Object.keys(KINDS)

/** The bytes of a number: one kind after the other, cut at places that the seed says. */
export function oddBytes(index: number, seed: number, paths: readonly string[]): OddBytes {
  const random = createRandom(seed ^ Math.imul(index + 1, 0x85ebca6b))
  const below = (limit: number): number => Math.floor(random() * limit)
  const name = ODD_KINDS[index % ODD_KINDS.length]!
  const made = KINDS[name]!(below, paths[below(paths.length)] ?? '/healthz')
  const bytes = typeof made === 'string' ? Buffer.from(made, 'latin1') : made
  const cut = below(2) === 0 ? bytes.length : below(bytes.length)
  const isBroken = below(5) === 0
  const requests = bytes.toString('latin1').split(/ HTTP\/1\.[01]\r\n/).length - 1
  return {
    name,
    pieces: [bytes.subarray(0, cut), bytes.subarray(cut)].filter(({ length }) => length > 0),
    isBroken,
    answers: WHOLE.has(name) && !isBroken ? requests : 0,
  }
}
