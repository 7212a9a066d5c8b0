/**
 * What loads when it is first used. A page that stays open over an upgrade of its server asks for parts that are
 * there no more: that is said where the agent looks, and each is asked for again only now and then, since
 * elements ask whenever they are drawn. The build puts this around each `import()` of ours (`rollup.config.js`).
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit'

const REST_MS = 5_000
const failed = new Map<string, { readonly at: number; readonly error: unknown }>()
const hosts = new Set<ReactiveControllerHost>()

/** Loads a part by its name. */
export async function loadPart<T>(load: () => Promise<T>, name: string): Promise<T> {
  const before = failed.get(name)
  if (before !== undefined && performance.now() - before.at < REST_MS) throw before.error
  try {
    const part = await load()
    if (failed.delete(name)) tell()
    return part
  } catch (error) {
    failed.set(name, { at: performance.now(), error })
    tell()
    throw error
  }
}

function tell(): void {
  for (const host of hosts) host.requestUpdate()
}

/** Draws its element again when a part cannot be had, or can again. */
export class Parts implements ReactiveController {
  readonly #host: ReactiveControllerHost

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    hosts.add(this.#host)
  }

  hostDisconnected(): void {
    hosts.delete(this.#host)
  }
}

/** Something that the agent asked for is not there. */
export function isPartMissing(): boolean {
  return failed.size > 0
}
