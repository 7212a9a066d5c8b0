import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

export const PROXIES = ['nginx', 'haproxy'] as const
export type ProxyKind = (typeof PROXIES)[number]

/** A real proxy with the configuration that docs/operating.md gives. */
export interface RunningProxy extends AsyncDisposable {
  readonly kind: ProxyKind
  readonly url: string
  readonly port: number
  readonly child: ChildProcess
  /** What it was started with. */
  readonly configuration: string
  /** Reads its configuration anew, as after an edit; requests that are on their way go on. */
  reload(): Promise<void>
}

/** Why no proxy of this kind can be started here; false where one can. */
export function whyNot(kind: ProxyKind): string | false {
  for (const program of [kind, 'openssl']) {
    const found = spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${program}`])
    if (found.status !== 0) return `no ${program} here (Debian: apt-get install ${program})`
  }
  return false
}

/** The block of docs/operating.md, word for word. */
export function documented(kind: ProxyKind): string {
  const page = readFileSync('docs/operating.md', 'utf8')
  const [, block] = new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\``, 'm').exec(page) ?? []
  if (block === undefined) throw new Error(`docs/operating.md has no block of ${kind}`)
  return block
}

/** Starts a proxy in front of these servers. All that is changed of what the page says is where things are. */
export async function startProxy(
  kind: ProxyKind,
  upstreams: readonly string[],
): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), `ringside-${kind}-`))
  const port = await freePort()
  makeCertificate(folder)
  const configuration = place(kind, {
    folder,
    port,
    hosts: upstreams.map((url) => new URL(url).host),
  })
  const file = join(folder, 'proxy.conf')
  writeFileSync(file, configuration)
  const args = kind === 'nginx' ? ['-p', folder, '-c', file] : ['-W', '-db', '-f', file]
  const path = `${process.env.PATH}:/usr/sbin`
  const child = spawn(kind, args, { env: { PATH: path }, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (text) => {
    said += text
  })
  await untilListens(port, child, () => said)
  return {
    kind,
    url: `https://localhost:${port}`,
    port,
    child,
    configuration,
    async reload() {
      const [signal, done] =
        kind === 'nginx'
          ? (['SIGHUP', 'gracefully shutting down'] as const)
          : (['SIGUSR2', 'Loading success'] as const)
      const from = said.length
      child.kill(signal)
      while (!said.slice(from).includes(done)) await once(child.stderr!, 'data')
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Place {
  readonly folder: string
  readonly port: number
  readonly hosts: readonly string[]
}

function place(kind: ProxyKind, { folder, port, hosts }: Place): string {
  const [first = ''] = hosts
  const text = documented(kind)
    .replaceAll('/etc/ssl/', `${folder}/`)
    .replace(/(listen|bind)( :| )443 ssl/, `$1 127.0.0.1:${port} ssl`)
  if (kind === 'haproxy') {
    const line = / {2}server a 127\.0\.0\.1:3000 (.*)\n/g
    return text.replaceAll(line, (_, check: string) =>
      hosts.map((host, index) => `  server ${'abcdef'[index]} ${host} ${check}\n`).join(''),
    )
  }
  const user = process.getuid?.() === 0 ? 'user root;\n' : ''
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};\n`)
    .join('')
  return `${user}daemon off;\npid ${folder}/pid;\nerror_log stderr notice;\nevents {}\nhttp {\naccess_log off;\n${temporary}${text.replace('127.0.0.1:3000', first)}}\n`
}

function makeCertificate(folder: string): void {
  const [key, certificate] = [join(folder, 'calls.key'), join(folder, 'only.pem')]
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
  execFileSync(
    'openssl',
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext ${names} -keyout ${key} -out ${certificate}`.split(
      ' ',
    ),
    { stdio: 'ignore' },
  )
  const text = readFileSync(certificate, 'utf8')
  // HAProxy wants both in one file; nginx does not mind.
  writeFileSync(join(folder, 'calls.pem'), text + readFileSync(key, 'utf8'))
  setDefaultCACertificates([...getCACertificates('default'), text])
}

async function untilListens(port: number, child: ChildProcess, said: () => string): Promise<void> {
  const until = Date.now() + 20_000
  while (Date.now() < until && child.exitCode === null) {
    if (await listens(port)) return
    await sleep(20)
  }
  throw new Error(`the proxy does not listen: ${said()}`)
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      )
    })
  })
}
