export interface WebsocketClientConf {
  /** Where Ringside is, as the PBX reaches it. */
  readonly host: string
  readonly port: number
  readonly tls: boolean
  /** Such as `/pbx/ari/TOKEN`. */
  readonly path: string
  /** The name of the account that is made in ari.conf, and of the PBX at Ringside. */
  readonly userName: string
  readonly password: string
  /** Of this connection alone. */
  readonly app: string
}

/** What an administrator adds to two files so that Asterisk 22 connects to Ringside (ARI-4). */
export interface WebsocketClientFiles {
  readonly websocketClientConf: string
  readonly ariConf: string
}

/** Writes the settings of an outbound websocket; refuses a value that would end its line. */
export function createWebsocketClientConf(conf: WebsocketClientConf): WebsocketClientFiles {
  const { app, userName } = conf
  const host = conf.host.includes(':') ? `[${conf.host}]` : conf.host
  const uri = `${conf.tls ? 'wss' : 'ws'}://${host}:${conf.port}${conf.path}`
  return {
    websocketClientConf: section(app, [
      ['type', 'websocket_client'],
      ['connection_type', 'persistent'],
      ['uri', uri],
      ['protocols', 'ari'],
      ['username', userName],
      ['password', conf.password],
      // Asterisk's own 500 ms are short for a connection over the internet with TLS.
      ['connection_timeout', '5000'],
      ['reconnect_interval', '2000'],
      ['tls_enabled', conf.tls ? 'yes' : 'no'],
    ]),
    ariConf: [
      section(userName, [
        ['type', 'user'],
        ['read_only', 'no'],
        ['password_format', 'plain'],
        ['password', conf.password],
      ]),
      section(app, [
        ['type', 'outbound_websocket'],
        ['websocket_client_id', app],
        ['apps', app],
        ['subscribe_all', 'yes'],
        ['local_ari_user', userName],
      ]),
    ].join('\n'),
  }
}

function section(name: string, lines: readonly (readonly [string, string])[]): string {
  if (!/^[\w.-]{1,80}$/.test(name))
    throw new RangeError(
      `"${name}" is no name of a section: letters, digits, "-", "_" and "." only`,
    )
  return [`[${name}]`, ...lines.map(([key, value]) => `${key} = ${quote(key, value)}`), ''].join(
    '\n',
  )
}

/** A semicolon begins a comment in Asterisk's files; a line break would begin another setting. */
function quote(key: string, value: string): string {
  if (/[\r\n\0]/.test(value)) throw new RangeError(`${key} has a line break in it`)
  return value.replaceAll(';', '\\;')
}
