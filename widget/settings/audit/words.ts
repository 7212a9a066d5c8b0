/** Actions of the audit log in plain words. */
import type { enAdmin } from '../../i18n/settings/en-admin.ts'

type KindKey = Extract<keyof typeof enAdmin, `audit.kind.${string}`>
type DoKey = Extract<keyof typeof enAdmin, `audit.do.${string}`>

/** The key of an action's words; null: one of a later version, which is shown as it is. */
export function wordsOf(action: string, texts: Readonly<Record<string, unknown>>): DoKey | null {
  const key = `audit.do.${action}`
  // Only keys of that form are asked for.
  return Object.hasOwn(texts, key) ? (key as DoKey) : null
}

export interface Kind {
  readonly id: KindKey extends `audit.kind.${infer Id}` ? Id : never
  /** A part that all its actions have in common. */
  readonly action: string
}

/** What the log can be asked for. */
export const KINDS: readonly Kind[] = [
  { id: 'people', action: '/api/agents' },
  { id: 'signIn', action: '/api/sign-in' },
  { id: 'signOut', action: '/api/session' },
  { id: 'connections', action: '/api/connections' },
  { id: 'recordings', action: '/api/recordings' },
  { id: 'users', action: '/api/users' },
  { id: 'erase', action: '/api/erase' },
  { id: 'keys', action: '/api/keys' },
  { id: 'hooks', action: '/api/hooks' },
  { id: 'settings', action: '/api/settings' },
  { id: 'fields', action: '/api/fields' },
]
