import assert from 'node:assert/strict'
import test from 'node:test'
import { tryBrowser } from '../safe/hostile-browser.ts'
import { WAYS } from '../safe/hostile-live.ts'
import { unseenIn } from '../safe/hostile-seen.ts'
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
    assert.deepEqual(unseenIn(shown, texts), [])
  },
)
