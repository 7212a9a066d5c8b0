/** What the states of the gallery are made of. */
import type { RingsideWidget } from '../../widget/elements/ringside-widget.ts'
import type { RingsideSettings } from '../../widget/settings/ringside-settings.ts'
import type { FakeServer, World } from './fake-server.ts'

/** What the server holds, and what is done to the widget before the picture is taken. */
export interface Scene extends World {
  readonly act?: (widget: RingsideWidget, server: FakeServer) => void | Promise<void>
  /** Not the widget but the settings, at this page: `hooks/hook-1`. */
  readonly settings?: string
  readonly actInSettings?: (settings: RingsideSettings, server: FakeServer) => void | Promise<void>
  /** Not the widget but an element as wide as the page; made once the language is there. */
  readonly element?: (server: FakeServer) => HTMLElement | Promise<HTMLElement>
  readonly actInElement?: (element: HTMLElement, server: FakeServer) => void | Promise<void>
}
export type Scenes = Readonly<Record<string, Scene>>

/** Waits until everything that is on its way in the page has been drawn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setTimeout(resolve))
  await new Promise((resolve) => requestAnimationFrame(resolve))
}

/** An element by one selector per shadow root. */
export async function find<T extends HTMLElement>(widget: HTMLElement, path: string): Promise<T> {
  await settle()
  const parts = path.split(' ')
  let root: ParentNode = widget.shadowRoot!
  let found: HTMLElement | null = null
  for (const part of parts) {
    const next: HTMLElement | null = root.querySelector(part)
    if (next === null) throw new Error(`no ${part} of ${path}`)
    found = next
    root = next.shadowRoot ?? next
  }
  return found as T
}

export async function click(widget: HTMLElement, path: string): Promise<void> {
  ;(await find(widget, path)).click()
  await settle()
}

export async function type(widget: HTMLElement, path: string, text: string): Promise<void> {
  const field = await find<HTMLInputElement>(widget, path)
  field.value = text
  field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }))
}
