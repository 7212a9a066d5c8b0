/** The wallboard in long words. */
import { expect } from '@open-wc/testing'
import { localeNames, setLocale, t } from '../../widget/i18n/t.ts'
import type { RingsideWallboard } from '../../widget/wallboard/ringside-wallboard.ts'
import '../../widget/wallboard/ringside-wallboard.ts'
import { fakeServer } from './fake-server.ts'
import { all, textOf } from './page.ts'
import { wallboardWorld } from './scenes/wallboard.ts'
import { waitUntil } from './wait-until.ts'

let board: RingsideWallboard

async function show(locale: string, width: number, height: number): Promise<void> {
  await setLocale(locale)
  const server = fakeServer(wallboardWorld())
  board = document.createElement('ringside-wallboard')
  board.client = server.client
  Object.assign(board.style, { inlineSize: `${width}px`, blockSize: `${height}px` })
  document.body.append(board)
  server.client.start()
  await waitUntil(() => server.client.state.isReady && server.client.state.me !== null)
  await waitUntil(() => textOf(board).includes(t('wallboard.owed')))
  await board.updateComplete
}

/** Words that begin in one line and end in another. */
function brokenWords(selector: string): string[] {
  return all(selector, board.shadowRoot!).flatMap((element) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
    const broken: string[] = []
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      for (const { index, 0: word } of (node.textContent ?? '').matchAll(/\S+/g)) {
        const range = document.createRange()
        range.setStart(node, index)
        range.setEnd(node, index + word.length)
        if (new Set([...range.getClientRects()].map(({ top }) => top)).size > 1) broken.push(word)
      }
    }
    return broken
  })
}

describe('the wallboard in other languages', () => {
  afterEach(async () => {
    board.remove()
    await setLocale('en')
  })

  for (const locale of localeNames()) {
    for (const [width, height] of [
      [900, 760],
      [1280, 720],
    ] as const) {
      it(`POP-12 in ${locale} on ${width} × ${height} no word is broken, and the numbers of agents stand in one line`, async () => {
        await show(locale, width, height)
        expect(brokenWords('h2, dt, .parts, .longest, .about')).to.deep.equal([])
        const lines = all('.counts dd', board.shadowRoot!).map((one) => one.getBoundingClientRect())
        expect(new Set(lines.map(({ top }) => Math.round(top))).size).to.equal(1)
      })
    }
  }
})
