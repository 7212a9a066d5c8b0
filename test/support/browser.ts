import { type Browser, chromium } from 'playwright-core'
import { chromiumPath } from './needs.ts'

/** The system's Chromium, without a window. Root needs `--no-sandbox`. */
export function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === null)
    throw new Error('no Chromium: apt-get install chromium, or set CHROME_PATH')
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({
    executablePath,
    args: [
      ...root,
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--autoplay-policy=no-user-gesture-required',
      ...more,
    ],
  })
}
