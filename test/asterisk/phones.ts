import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { AsteriskVersion } from '../../server/simulate/scenario.ts'

/** A SIP phone of the rig that does one thing, and says each step when it happens. */
export interface Phone {
  /** Settles when the phone has said these words, after what was waited for before. */
  says(words: string, withinMs?: number): Promise<void>
  /** True where it has never said these words so far. */
  isSilentOn(words: string): boolean
  /** When it first said these words; null as long as it has not. */
  saidAt(words: string): Date | null
  /** Settles when its process has ended: with null where all went as planned, else with its words. */
  readonly over: Promise<string | null>
  end(): Promise<void>
}

export interface Phones {
  /** An agent's phone; ready (registered) when it is returned. */
  agent(extension: string, ...what: string[]): Promise<Phone>
  /** A customer at the far side of the trunk. */
  customer(number: string, ...what: string[]): Promise<Phone>
  end(): Promise<void>
}

const RIG = join(import.meta.dirname, 'rig')
const STEP_MS = 20_000
const POLL_MS = 50
/** sipp opens its port right after it has registered. */
const OPENS_MS = 400

/** Phones for single steps against a started Asterisk, which `env` names. */
export function createPhones(
  version: AsteriskVersion,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Phones {
  const all: Phone[] = []
  const start = (script: string, args: readonly string[], more: Record<string, string>): Phone => {
    const child = spawn(join(RIG, script), [version, ...args], {
      env: { ...process.env, ...env, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const phone = createPhone(`${script} ${args.join(' ')}`, child, signal)
    all.push(phone)
    return phone
  }
  return {
    agent: async (extension, ...what) => {
      const phone = start('agent', [extension, ...what], {})
      await phone.says('registered')
      await wait(OPENS_MS)
      return phone
    },
    customer: async (number, ...what) => {
      const phone = start('customer', what, { NUMBER: number })
      if (what[0] !== 'call') await wait(OPENS_MS)
      return phone
    },
    end: async () => {
      await Promise.all(all.map((phone) => phone.end()))
      all.length = 0
    },
  }
}

function createPhone(name: string, child: ChildProcess, signal: AbortSignal): Phone {
  let said = ''
  let heardUpTo = 0
  const heard: { readonly at: Date; readonly upTo: number }[] = []
  const collect = (chunk: Buffer): void => {
    said += chunk.toString()
    heard.push({ at: new Date(), upTo: said.length })
  }
  child.stdout?.on('data', collect)
  child.stderr?.on('data', collect)
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  return {
    async says(words, withinMs = STEP_MS) {
      const until = Date.now() + withinMs
      for (;;) {
        const at = said.indexOf(words, heardUpTo)
        if (at !== -1) {
          heardUpTo = at + words.length
          return
        }
        if (Date.now() > until) {
          throw new Error(`${name} did not say "${words}"; it said:\n${said.trim()}`)
        }
        await wait(POLL_MS, undefined, { signal })
      }
    },
    isSilentOn: (words) => !said.includes(words),
    saidAt: (words) => {
      const at = said.indexOf(words)
      return at === -1 ? null : (heard.find(({ upTo }) => upTo >= at + words.length)?.at ?? null)
    },
    over: exited.then(() => (child.exitCode === 0 ? null : `${name}:\n${said.trim()}`)),
    async end() {
      // The script, its sipp and what times them out are one session of ours, in several groups.
      if (child.exitCode === null) spawnSync('pkill', ['-TERM', '-s', String(child.pid)])
      await exited
    },
  }
}
