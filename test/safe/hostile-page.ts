import type { Page } from 'playwright-core'

/** What a page did that no text should make it do, and what of the texts it showed. */
export interface WatchedPage {
  readonly page: Page
  readonly wrong: string[]
  /** Looks at all of the page, shadow roots included; gives the texts that are to be seen. */
  look(place: string, texts: readonly string[]): Promise<number>
}

/** Notes dialogs, errors, lines in the console, navigation, and requests to anywhere else. */
export async function watch(page: Page, origins: readonly string[]): Promise<WatchedPage> {
  const wrong: string[] = []
  const isOurs = (url: string): boolean =>
    origins.some((origin) => url.startsWith(`${origin}/`)) || /^(blob|data:image\/svg)/.test(url)
  await page.context().route(
    (url) => !isOurs(url.href),
    (route) => {
      wrong.push(`a request to ${route.request().url().slice(0, 200)}`)
      return route.abort()
    },
  )
  await page.addInitScript(() => {
    for (const name of ['alert', 'confirm', 'prompt', 'print', 'open'] as const) {
      Object.defineProperty(window, name, {
        value: () => reportError(new Error(`${name}() was called`)),
      })
    }
  })
  page.on('dialog', (dialog) => {
    wrong.push(`a dialog: ${dialog.message()}`)
    return dialog.dismiss()
  })
  page.on('pageerror', ({ message }) => wrong.push(`an error: ${message}`))
  page.on('popup', (popup) => wrong.push(`a window: ${popup.url()}`))
  page.on('console', (line) => wrong.push(`a line in the console: ${line.text().slice(0, 200)}`))
  page.on('framenavigated', (frame) => {
    const url = frame.url()
    if (frame !== page.mainFrame()) wrong.push(`a frame: ${url}`)
    else if (!isOurs(url) && url !== 'about:blank') wrong.push(`the page went to ${url}`)
  })
  return {
    page,
    wrong,
    async look(place, texts) {
      const { found, shown } = await page.evaluate(inspect, { texts, origins })
      wrong.push(...found.map((each) => `${place}: ${each}`))
      return shown
    },
  }
}

/** Runs in the page. */
function inspect({ texts, origins }: { texts: readonly string[]; origins: readonly string[] }): {
  found: string[]
  shown: number
} {
  const found: string[] = []
  const read: string[] = []
  const never = ['hostile-mark', 'iframe', 'object', 'embed', 'base', 'frame', 'math', 'marquee']
  const inside = [...never, 'script', 'link', 'meta', 'img', 'image', 'video', 'foreignObject']
  const addresses = [
    'href',
    'src',
    'action',
    'formaction',
    'data',
    'srcdoc',
    'xlink:href',
    'poster',
  ]
  const lookAt = (element: Element, isOurs: boolean): void => {
    if ((isOurs ? inside : never).includes(element.localName)) found.push(element.outerHTML)
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name)) found.push(`${element.localName} has ${name}=${value}`)
      if (!addresses.includes(name.toLowerCase())) continue
      const url = URL.canParse(value, location.href) ? new URL(value, location.href) : null
      const isPlain = url === null || ['tel:', 'mailto:', 'blob:'].includes(url.protocol)
      // An admin's field of links may lead elsewhere; it only must not run.
      const isLink =
        name === 'href' && element.localName === 'a' && /^https?:$/.test(url?.protocol ?? '')
      if (!isPlain && !isLink && !origins.includes(url.origin)) {
        found.push(`${element.localName} has ${name}=${value}`)
      }
    }
    if ('value' in element) read.push(String(element.value))
    if (element.shadowRoot !== null) walk(element.shadowRoot, true)
    for (const child of element.children) lookAt(child, isOurs)
  }
  const walk = (root: Document | ShadowRoot, isOurs: boolean): void => {
    for (const child of root.children) lookAt(child, isOurs)
    const text = root instanceof Document ? root.body : root
    const skipped = new Set(['STYLE', 'SCRIPT'])
    const nodes = document.createTreeWalker(text, NodeFilter.SHOW_TEXT)
    let line = ''
    while (nodes.nextNode()) {
      const { parentElement, data } = nodes.currentNode as Text
      if (!skipped.has(parentElement?.tagName ?? '')) line += data
    }
    read.push(line)
  }
  walk(document, false)
  // What is no letter is not shown, and what turns the direction of others is kept to itself.
  const unseen = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
  const squeeze = (text: string): string =>
    text.replaceAll(/\s+/g, ' ').replaceAll(unseen, '').replaceAll(/ +/g, ' ').trim()
  const all = squeeze(read.join('\n'))
  const shown = texts.filter((text) => squeeze(text) !== '' && all.includes(squeeze(text)))
  return { found, shown: shown.length }
}
