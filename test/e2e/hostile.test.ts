import assert from 'node:assert/strict'
import test from 'node:test'
import { tryBrowser } from '../safe/hostile-browser.ts'
import { WAYS } from '../safe/hostile-live.ts'
import { HOSTILE_TEXTS, someOf, WORST } from '../safe/hostile-texts.ts'
import { launchBrowser } from '../support/browser.ts'
import { pickSeed } from '../support/random.ts'

const seed = pickSeed()

// Some sixty places, each with all texts.
const PATIENCE = { timeout: 360_000 }
test(
  'SAFE-1 hostile texts are shown as they are in every place, and nothing of them runs, loads or becomes an element',
  PATIENCE,
  async (t) => {
    const browser = await launchBrowser()
    t.after(() => browser.close())
    const texts = [...WORST, ...someOf(2, seed)]
    const wayOf = (index: number) => [WAYS[index % WAYS.length]!]
    const { shown, failures } = await tryBrowser(browser, { texts, wayOf })
    t.diagnostic(`seed ${seed}: ${texts.length} of ${HOSTILE_TEXTS.length} texts`)
    for (const [place, count] of Object.entries(shown)) t.diagnostic(`${place}: ${count}`)
    assert.deepEqual(failures, [], `TEST_SEED=${seed}`)
    for (const place of PLACES) {
      assert.ok((shown[place] ?? 0) >= texts.length / 2, `${place} showed ${shown[place]}`)
    }
    for (const place of SOME_IN) {
      assert.ok((shown[place] ?? 0) >= 1, `${place} showed ${shown[place]}`)
    }
  },
)

/** Where most of the texts have to be seen. */
const PLACES = [
  ...['notifications', 'case list', 'case', 'case: History'],
  ...['settings: People', 'settings: Keys', 'settings: Audit log', '/admin: webhook, log'],
  ...['/admin: AMI, extensions', 'reports: Channels', '/reports: leaderboard'],
  ...['/reports: workload by agent', '/reports: calls by queue', 'CSV'],
  ...['wallboard', '/agent', '/agent: case', '/demo'],
]

/** Where those are seen that came in this way, or that there is room for. */
const SOME_IN = [
  ...WAYS.flatMap((way) => [
    `pop-up by ${way}`,
    `call bar and profile by ${way}`,
    `what happened by ${way}`,
  ]),
  ...['/admin: AMI, link', '/wallboard', '/admin', 'settings: Data fields'],
]
