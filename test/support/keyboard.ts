/** An agent without a mouse: real key presses in Chromium, and what a screen reader is told meanwhile (A11Y-2). */
import assert from 'node:assert/strict'
import type { BrowserContext, CDPSession, Page } from 'playwright-core'
import type {} from '../../widget/elements/ringside-widget.ts'

/** A control of the helpdesk's own page, in which somebody is writing. */
export const REPLY = '<label>Reply <textarea id="reply"></textarea></label>'
const MOST_STOPS = 80
/** Goes into the widget, and from place to place in it. */
export const SUMMON = 'Alt+Shift+KeyC'

/** Where the focus is. */
export interface Focus {
  readonly tag: string
  readonly name: string
  readonly role: string
  /** Drawn around it, or a caret in it. */
  readonly isVisible: boolean
  readonly isOnScreen: boolean
  readonly isInWidget: boolean
  readonly box: { readonly top: number; readonly bottom: number; readonly left: number }
}

/** What Chromium tells assistive technology of an element. */
export interface AccessibleNode {
  readonly role: string
  readonly name: string
  readonly value: string
  /** `polite` or `assertive` where changes are spoken. */
  readonly live: string
  readonly text: string
}

export interface Keyboard {
  readonly page: Page
  press(...keys: readonly string[]): Promise<void>
  /** Into the widget by the key for it. */
  summon(): Promise<void>
  type(text: string): Promise<void>
  focus(): Promise<Focus>
  /** Tabs on until the name of what has the focus fits; each stop on the way is one that can be seen. */
  tabTo(name: RegExp, key?: 'Tab' | 'Shift+Tab'): Promise<Focus>
  /** Waits until the focus is on something whose name fits. */
  isOn(name: RegExp): Promise<Focus>
  /** All stops from here until the focus leaves the widget. */
  walk(): Promise<readonly Focus[]>
  nodes(): Promise<readonly AccessibleNode[]>
  /** Waits until a live region says it. */
  hears(text: RegExp): Promise<void>
  /** What was said at once (calls and refusals), since the page was opened, in order. */
  said(): Promise<readonly string[]>
}

/** Opens a page with the focus in its text field, in the middle of a sentence. */
export async function openKeyboard(context: BrowserContext, url: string): Promise<Keyboard> {
  const page = await context.newPage()
  page.setDefaultTimeout(8_000)
  page.on('pageerror', (error) => assert.fail(`the page threw: ${error.message}`))
  await page.addInitScript(listen)
  await page.goto(url)
  await page.waitForFunction(() => {
    const state = document.querySelector('ringside-widget')?.client?.state
    return state?.isReady || state?.connection === 'refused'
  })
  await page.locator('#reply').focus()
  await page.keyboard.type('Dear ')
  return createKeyboard(page, await context.newCDPSession(page))
}

function createKeyboard(page: Page, cdp: CDPSession): Keyboard {
  const focus = () => page.evaluate(focusIn)
  const keyboard: Keyboard = {
    page,
    focus,
    async press(...keys) {
      for (const key of keys) await page.keyboard.press(key)
    },
    async summon() {
      await page.keyboard.press(SUMMON)
      await eventually(focus, ({ isInWidget }) => isInWidget, 'the focus is not in the widget')
    },
    type: (text) => page.keyboard.type(text),
    async tabTo(name, key = 'Tab') {
      const passed: string[] = []
      for (let stop = 0; stop < MOST_STOPS; stop += 1) {
        await page.keyboard.press(key)
        const at = await focus()
        assertSeen(at)
        if (name.test(at.name)) return at
        passed.push(at.name || at.tag)
      }
      throw new Error(`no ${name} among ${passed.join(' | ')}`)
    },
    isOn: (name) => eventually(focus, (at) => name.test(at.name), `the focus is not on ${name}`),
    async walk() {
      const stops: Focus[] = []
      for (let at = await focus(); at.isInWidget; at = await focus()) {
        assert.ok(stops.length < MOST_STOPS, `no way out: ${names(stops)}`)
        assertSeen(at)
        stops.push(at)
        await page.keyboard.press('Tab')
      }
      return stops
    },
    nodes: () => nodesOf(cdp),
    async hears(text) {
      await eventually(
        async () => (await nodesOf(cdp)).filter((node) => node.live !== ''),
        (regions) => regions.some((node) => text.test(node.text)),
        `nothing says ${text}`,
      )
    },
    said: () => page.evaluate(() => (globalThis as unknown as { said: string[] }).said),
  }
  return keyboard
}

/** Everything that can be used has a name. */
export async function assertNamed(keyboard: Keyboard): Promise<void> {
  const unnamed = (await keyboard.nodes()).filter(
    ({ role, name }) => CONTROLS.has(role) && name.trim() === '',
  )
  assert.deepEqual(unnamed, [])
}
const CONTROLS = new Set(
  'button link textbox searchbox combobox checkbox switch tab slider option spinbutton'.split(' '),
)

/** One stop is never above the one before it. */
export function assertInOrder(stops: readonly Focus[]): void {
  for (const [index, { box, name }] of stops.entries()) {
    const before = stops[index - 1]
    if (before === undefined) continue
    assert.ok(box.bottom > before.box.top, `${name} is above ${before.name}: ${names(stops)}`)
  }
}

function assertSeen(at: Focus): void {
  if (!at.isInWidget) return
  assert.ok(at.isVisible, `the focus on ${at.tag} “${at.name}” is not seen`)
  assert.ok(at.isOnScreen, `${at.tag} “${at.name}” has the focus off the screen`)
}

const names = (stops: readonly Focus[]): string => stops.map(({ name }) => name).join(' | ')

/** Looks again until it is so. */
export async function eventually<T>(
  look: () => Promise<T>,
  isRight: (value: T) => boolean,
  message: string,
): Promise<T> {
  const end = Date.now() + 8_000
  for (;;) {
    const value = await look()
    if (isRight(value)) return value
    assert.ok(Date.now() < end, `${message}: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

interface CdpNode {
  readonly nodeId: string
  readonly ignored: boolean
  readonly childIds?: readonly string[]
  readonly role?: { readonly value?: unknown }
  readonly name?: { readonly value?: unknown }
  readonly value?: { readonly value?: unknown }
  readonly properties?: readonly { name: string; value: { value?: unknown } }[]
}

async function nodesOf(cdp: CDPSession): Promise<readonly AccessibleNode[]> {
  const { nodes } = (await cdp.send('Accessibility.getFullAXTree')) as { nodes: CdpNode[] }
  const byId = new Map(nodes.map((node) => [node.nodeId, node]))
  const textOf = (node: CdpNode): string => {
    if (node.role?.value === 'StaticText') return String(node.name?.value ?? '')
    const children = node.childIds?.flatMap((id) => byId.get(id) ?? []) ?? []
    return children.map(textOf).join('')
  }
  return nodes
    .filter(({ ignored }) => !ignored)
    .map((node) => {
      const live = node.properties?.find(({ name }) => name === 'live')?.value.value
      const isRegion = live !== undefined && live !== 'off'
      return {
        role: String(node.role?.value ?? ''),
        name: plain(String(node.name?.value ?? '')),
        value: String(node.value?.value ?? ''),
        live: isRegion ? String(live) : '',
        text: isRegion ? plain(textOf(node)) : '',
      }
    })
}

/** Without the marks that keep names of other directions apart. */
export const plain = (text: string): string => text.replaceAll(/[\u2066-\u2069]/g, '')

/** Runs in the page: the innermost element with the focus. */
function focusIn(): Focus {
  let active: Element | null = document.activeElement
  const path: Element[] = []
  while (active?.shadowRoot?.activeElement) {
    path.push(active)
    active = active.shadowRoot.activeElement
  }
  const element = active ?? document.body
  const root = element.getRootNode() as Document | ShadowRoot
  const label = element.id ? root.querySelector(`label[for="${element.id}"]`) : null
  const by = element.getAttribute('aria-labelledby')
  const labelled = by ? root.querySelector(`#${CSS.escape(by)}`) : null
  const name =
    element.getAttribute('aria-label') ??
    (labelled ?? label ?? element.closest('label') ?? element).textContent ??
    ''
  const style = getComputedStyle(element)
  const box = element.getBoundingClientRect()
  const middle = { x: box.left + box.width / 2, y: box.top + Math.min(box.height, 60) / 2 }
  return {
    tag: element.localName,
    role: element.getAttribute('role') ?? '',
    name: name
      .replaceAll(/[\u2066-\u2069]/g, '')
      .replaceAll(/\s+/g, ' ')
      .trim(),
    isVisible: style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 1,
    isOnScreen:
      box.width > 0 &&
      middle.x >= 0 &&
      middle.x <= innerWidth &&
      middle.y >= 0 &&
      middle.y <= innerHeight,
    isInWidget: path.some((one) => one.localName.startsWith('ringside-')),
    box: { top: box.top, bottom: box.bottom, left: box.left },
  }
}

/** Runs in the page: keeps what the region for calls is given to say. */
function listen(): void {
  const said: string[] = []
  Object.assign(globalThis, { said })
  const seen = new WeakSet<Element>()
  const look = (): void => {
    const root = document.querySelector('ringside-widget')?.shadowRoot
    const region = root?.querySelector('[role=alert].sr')
    if (!region || seen.has(region)) return
    seen.add(region)
    const add = (text: string): void => {
      const clean = text.replaceAll(/[\u2066-\u2069]/g, '').trim()
      if (clean !== '') said.push(clean)
    }
    add(region.textContent ?? '')
    new MutationObserver((records) => {
      for (const { type, addedNodes, target } of records) {
        if (type === 'characterData') add(target.textContent ?? '')
        for (const node of addedNodes) add(node.nodeType === 8 ? '' : (node.textContent ?? ''))
      }
    }).observe(region, { childList: true, characterData: true, subtree: true })
  }
  setInterval(look, 20)
}
