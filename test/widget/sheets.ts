/** Pictures of states beside one another, for the docs. */
import { mkdirSync, readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { SHEETS, type Sheet } from './screen-views.ts'

export const FOLDER = 'dist/screens'
const DOCS = 'docs/images'
/** The widget stands in a corner of the page: as much of it as it needs. */
const WIDTH = 420

/** Writes the sheets into `docs/images`, from the pictures in `dist/screens`. */
export async function makeSheets(browser: Browser): Promise<void> {
  mkdirSync(DOCS, { recursive: true })
  const tab = await browser.newPage({ viewport: { width: WIDTH * 3, height: 760 } })
  for (const sheet of SHEETS) {
    await tab.setContent(htmlOf(sheet))
    await tab.waitForFunction(() => [...document.images].every(({ complete }) => complete))
    await tab
      .locator('main')
      .screenshot({ path: `${DOCS}/screens-${sheet.name}.png`, animations: 'disabled' })
  }
  await tab.close()
}

function htmlOf({ states, height = 760 }: Sheet): string {
  const pictures = states.map((state) => {
    const file = /-/.test(state) ? state : `${state}-light`
    const bytes = readFileSync(`${FOLDER}/${file}.png`).toString('base64')
    const side = file.endsWith('-rtl') ? 'left' : 'right'
    return `<div><img class="${side}" src="data:image/png;base64,${bytes}"></div>`
  })
  return `<style>
      body { margin: 0 } main { display: flex; inline-size: max-content }
      div { position: relative; inline-size: ${WIDTH}px; block-size: ${height}px; overflow: hidden; background: #eef0f3 }
      img { position: absolute; inset-block-start: 0 } .right { right: 0 } .left { left: 0 }
    </style><main>${pictures.join('')}</main>`
}
