/** What a page of the settings is, and how it asks to go to another one. */
import type { LitElement } from 'lit'
import type { Client } from '../client/client.ts'

/** An element of its own file, loaded when it is first opened (`pages.ts`). */
export interface SettingsPage extends LitElement {
  client: Client | null
  /** Where in the page: of `connections/c1/log` it is `['c1', 'log']`. */
  path: readonly string[]
  /** Something typed would be lost: leaving asks first. */
  readonly hasUnsaved?: boolean
}

/** What each page declares in its `static properties`. */
export const pageProperties = { client: { attribute: false }, path: { attribute: false } }

/** Inside the settings only: it does not leave the shadow tree it is sent in, which is that of the settings. */
export class SettingsGoEvent extends CustomEvent<{
  readonly path: string
  readonly replace: boolean
}> {
  constructor(path: string, replace: boolean) {
    super('ringside-settings-go', { detail: { path, replace }, bubbles: true, composed: false })
  }
}

/** Asks to go to `connections/c1`; sent from the page's element itself. `replace`: without a way back. */
export function goTo(page: SettingsPage, path: readonly string[], replace = false): void {
  const text = path.map(encodeURIComponent).join('/')
  page.dispatchEvent(new SettingsGoEvent(text, replace))
}
