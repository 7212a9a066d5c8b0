import type { Frame } from 'playwright-core'

/** Everything of a page that a script could have changed, as lines of text to compare. */
export interface PagePrint {
  readonly globals: readonly string[]
  readonly prototypes: Readonly<Record<string, string>>
  readonly elements: readonly string[]
  readonly page: Readonly<Record<string, string>>
}

/** Takes the print of a frame, without the widget and its script tag. */
export function takePrint(frame: Frame): Promise<PagePrint> {
  return frame.evaluate(print)
}

/** Runs in the page. */
function print(): PagePrint {
  const isOurs = (node: Element) =>
    node.localName.startsWith('ringside-') ||
    (node.localName === 'script' && /\/widget\.js$/.test(node.getAttribute('src') ?? ''))
  const path = (node: Element): string => {
    const parent = node.parentElement
    if (parent === null) return node.localName
    const place = [...parent.children].filter((one) => !isOurs(one)).indexOf(node)
    return `${path(parent)} > ${node.localName}:${place}`
  }
  const styleOf = (node: Element, pseudo?: string): string => {
    const style = getComputedStyle(node, pseudo)
    // Chromium lists custom properties in no order that lasts.
    const names = [...style].sort()
    return names.map((name) => `${name}:${style.getPropertyValue(name)}`).join(';')
  }
  const elements = [...document.querySelectorAll('*')].filter((node) => !isOurs(node))
  const keys = (value: object): string => Reflect.ownKeys(value).map(String).sort().join(' ')
  // Some are functions, and page scripts may have put functions of their own in place.
  const built = ['Object', 'Array', 'Function', 'String', 'Promise', 'Symbol', 'Event', 'Element']
  const more = ['EventTarget', 'Node', 'HTMLElement', 'Document', 'XMLHttpRequest', 'Map', 'Set']
  const prototypes: Record<string, string> = {}
  for (const name of [...built, ...more]) {
    const found = Reflect.get(window, name)
    prototypes[name] = `${keys(found)} | ${keys(found.prototype)}`
  }
  const stored = (name: 'localStorage' | 'sessionStorage'): string => {
    try {
      // Names of our own hold nothing of the page and no personal data.
      return Object.keys(window[name])
        .filter((key) => !key.startsWith('ringside'))
        .join()
    } catch {
      return 'none'
    }
  }
  const focus = document.activeElement
  return {
    // zone.js notes in globals which events anybody listens to.
    globals: Object.getOwnPropertyNames(window)
      .filter((name) => !name.startsWith('__zone_symbol__'))
      .sort(),
    prototypes,
    elements: elements.map((node) => {
      const box = node.getBoundingClientRect()
      const attributes = [...node.attributes].map((one) => `${one.name}=${one.value}`)
      const styles = [styleOf(node), styleOf(node, '::before'), styleOf(node, '::after')]
      return [
        path(node),
        attributes.join(' '),
        [box.x, box.y, box.width, box.height].join(),
        node.children.length === 0 && node.localName !== 'script' ? node.textContent : '',
        styles.join(' '),
      ].join(' | ')
    }),
    page: {
      title: document.title,
      history: String(history.length),
      address: location.href.replace(/\?.*/, ''),
      scroll: [scrollX, scrollY, document.documentElement.scrollHeight].join(),
      width: String(document.documentElement.scrollWidth),
      focus: focus === null ? 'nothing' : path(focus),
      typed: focus instanceof HTMLInputElement ? focus.value : '',
      selection: String(getSelection()),
      localStorage: stored('localStorage'),
      sessionStorage: stored('sessionStorage'),
      sheets: `${document.styleSheets.length} ${document.adoptedStyleSheets.length}`,
      open: String(document.querySelectorAll(':modal').length),
    },
  }
}
