import assert from 'node:assert/strict'
import test from 'node:test'
import { tryBrowser } from '../safe/hostile-browser.ts'
import { HOSTILE_TEXTS, someOf } from '../safe/hostile-texts.ts'
import { launchBrowser } from '../support/browser.ts'
import { pickSeed } from '../support/random.ts'

const seed = pickSeed()

test('SAFE-1 hostile texts are shown as they are in every place, and nothing of them runs, loads or becomes an element', async (t) => {
  const browser = await launchBrowser()
  t.after(() => browser.close())
  const texts = someOf(8, seed)
  const { shown, failures } = await tryBrowser(browser, texts)
  t.diagnostic(`seed ${seed}: ${texts.length} of ${HOSTILE_TEXTS.length} texts`)
  for (const [place, count] of Object.entries(shown)) t.diagnostic(`${place}: ${count}`)
  assert.deepEqual(failures, [], `TEST_SEED=${seed}`)
  for (const place of PLACES) {
    assert.ok((shown[place] ?? 0) >= texts.length / 2, `${place} showed ${shown[place]}`)
  }
})

/** Where most of the texts have to be seen: elsewhere only some of them stand. */
const PLACES = [
  'pop-up',
  'call bar and profile',
  'what happened',
  'case list',
  'case',
  'case: History',
  'settings: People',
  'settings: Keys',
  'settings: Audit log',
  'reports: Channels',
]
