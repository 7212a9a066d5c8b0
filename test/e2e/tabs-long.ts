/**
 * HOLD-10 in full, in a real Chromium: `npm run test:tabs`, or with smaller figures
 * `node test/e2e/tabs-long.ts --tabs 5 --leaders 4 --sleeps 2 --changes 20 --seed 7`.
 */
import { createRandom } from '../support/random.ts'
import {
  allShow,
  createTabStage,
  eventually,
  leaderOf,
  type Tab,
  type TabStage,
} from '../support/tab-stage.ts'

/** What went wrong, and how long things took. */
interface Tally {
  readonly missed: string[]
  readonly stale: string[]
  readonly streams: string[]
  /** Not one tab rang, but none or several. */
  readonly sounds: string[]
  readonly tookMs: number[]
}

const LIMIT_MS = 15_000
const SLEEP_MS = 7_000
const WAKE_MS = 3_000

const wanted = {
  tabs: option('tabs', 30),
  leaders: option('leaders', 100),
  sleeps: option('sleeps', 50),
  changes: option('changes', 300),
}
const seed = option('seed', Date.now() % 1e9)
const random = createRandom(seed)
process.stdout.write(`seed ${seed}, ${JSON.stringify(wanted)}\n`)

await using stage = await createTabStage()
const context = await stage.context()
const tabs: Tab[] = []
/** Two windows are looked at; the other tabs lie behind them. */
const isHidden = (index: number) => index >= 2
while (tabs.length < wanted.tabs) {
  tabs.push(await stage.open(context, { isHidden: isHidden(tabs.length) }))
}
await allShow(tabs, [], 60_000)

const results = {
  leaders: await run('leader frozen, closed or crashed', wanted.leaders, loseLeader),
  sleeps: await run('asleep', wanted.sleeps, sleep),
  changes: await run('page changed during a ringing call', wanted.changes, createChange()),
}
const faults = Object.values(results).flatMap((tally) => [
  ...tally.missed,
  ...tally.stale,
  ...tally.streams,
  ...tally.sounds,
])
const slow = results.sleeps.tookMs.filter((ms) => ms > WAKE_MS)
for (const fault of faults) process.stdout.write(`  ${fault}\n`)
if (slow.length > 0)
  process.stdout.write(`  not right within 3 s of waking: ${slow.join(', ')} ms\n`)
process.exitCode = faults.length + slow.length === 0 ? 0 : 1

async function run(
  what: string,
  times: number,
  round: (tally: Tally, name: string) => Promise<void>,
): Promise<Tally> {
  const tally: Tally = { missed: [], stale: [], streams: [], sounds: [], tookMs: [] }
  for (let index = 0; index < times; index += 1) await round(tally, `${what}, ${index + 1}`)
  const sorted = tally.tookMs.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  process.stdout.write(
    `${what}: ${times} times, ${tally.missed.length} missed, ${tally.stale.length} stale, ` +
      `${tally.streams.length} times not one stream, ${tally.sounds.length} times not one sound; ` +
      `right after ${median} ms (median), ${sorted.at(-1) ?? 0} ms (most)\n`,
  )
  return tally
}

/** The tab with the stream goes in one of three ways while a call rings; another call comes. */
async function loseLeader(tally: Tally, name: string): Promise<void> {
  const old = await stage.ring()
  await shows(tally, `${name}, before`, tabs, [old.number])
  const { leader, others } = await leaderOf(tabs)
  const how = (['frozen', 'closed', 'crashed'] as const)[Math.floor(random() * 3)] ?? 'frozen'
  const startedAt = Date.now()
  if (how === 'frozen') await leader.stop()
  else if (how === 'closed') await leader.page.close()
  else leader.cdp.send('Page.crash').catch(() => undefined)
  await old.end()
  const call = await stage.ring()
  await shows(tally, `${name}, ${how}`, others, [call.number])
  tally.tookMs.push(Date.now() - startedAt)
  if (how === 'frozen') await leader.resume()
  else await replace(leader)
  await shows(tally, `${name}, ${how}, and back`, tabs, [call.number])
  await hasOneStream(tally, name)
  await hasOneSound(tally, name)
  await call.end()
  await shows(tally, `${name}, over`, tabs, [])
}

/** Scripts stand still and the line is dead without anybody having said so; calls come and go meanwhile. */
async function sleep(tally: Tally, name: string): Promise<void> {
  const old = await stage.ring()
  await shows(tally, `${name}, before`, tabs, [old.number])
  await hasOneSound(tally, `${name}, before`)
  await Promise.all(tabs.map((tab) => tab.stop()))
  stage.gate.become('asleep')
  const isTalking = random() < 0.5
  if (isTalking) await old.answer()
  else await old.end()
  const gone = await stage.ring()
  await gone.end()
  const call = await stage.ring()
  await new Promise((resolve) => setTimeout(resolve, SLEEP_MS))
  stage.gate.become('open')
  const startedAt = Date.now()
  await Promise.all(tabs.map((tab) => tab.resume()))
  await shows(tally, name, tabs, [call.number])
  tally.tookMs.push(Date.now() - startedAt)
  await hasOneStream(tally, name)
  // A call that comes while the agent talks is one short beep.
  if (!isTalking) await hasOneSound(tally, name)
  await call.end()
  await old.end()
  await shows(tally, `${name}, over`, tabs, [])
}

/** An agent who goes from page to page in one tab while a call rings in all; a new call every thirty pages. */
function createChange(): (tally: Tally, name: string) => Promise<void> {
  let call: Awaited<ReturnType<TabStage['ring']>> | null = null
  let pages = 0
  return async (tally, name) => {
    if (pages % 30 === 0) {
      await call?.end()
      call = await stage.ring()
    }
    pages += 1
    const tab = tabs[Math.floor(random() * tabs.length)]
    if (tab === undefined || call === null) return
    const startedAt = Date.now()
    await tab.page.reload()
    await shows(tally, name, [tab], [call.number])
    tally.tookMs.push(Date.now() - startedAt)
    await hasOneStream(tally, name)
    await hasOneSound(tally, name)
    if (pages === wanted.changes) {
      await call.end()
      await shows(tally, `${name}, over`, tabs, [])
    }
  }
}

/** Waits for the pop-ups to be right; what they were instead is missed or stale. */
async function shows(
  tally: Tally,
  name: string,
  among: readonly Tab[],
  ringing: readonly string[],
): Promise<void> {
  try {
    await allShow(among, ringing, LIMIT_MS)
  } catch {
    for (const tab of among) {
      const shown = await tab.shown()
      const misses = ringing.some((number) => !shown.ringing.includes(number))
      const keeps = shown.ringing.some((number) => !ringing.includes(number))
      if (misses) tally.missed.push(`${name}: ${JSON.stringify(shown)} instead of ${ringing}`)
      if (keeps) tally.stale.push(`${name}: ${JSON.stringify(shown)} instead of ${ringing}`)
      if (!misses && !keeps && shown.connection !== 'open')
        tally.streams.push(`${name}: ${shown.connection}`)
    }
  }
}

async function hasOneStream(tally: Tally, name: string): Promise<void> {
  await eventually(stage.gate.streams, (all) => all.length === 1, LIMIT_MS).catch(() => {
    tally.streams.push(`${name}: ${stage.gate.streams().length} streams`)
  })
}

/** What rings in all tabs is heard from one. */
async function hasOneSound(tally: Tally, name: string): Promise<void> {
  const count = async () => {
    const each = await Promise.all(tabs.map((tab) => tab.sounds()))
    return each.reduce((sum, one) => sum + one, 0)
  }
  await eventually(count, (sum) => sum === 1, LIMIT_MS).catch((error: unknown) => {
    tally.sounds.push(`${name}: sounds ${error instanceof Error ? error.message : error}`)
  })
}

async function replace(tab: Tab): Promise<void> {
  await tab.page.close()
  const index = tabs.indexOf(tab)
  tabs[index] = await stage.open(context, { isHidden: isHidden(index) })
}

function option(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`)
  return at === -1 ? otherwise : Number(process.argv[at + 1])
}
