/** What the agent chose about sound and notifications: words in this browser, nothing about anybody. */
import type { Client } from '../client/client.ts'

/** What the page's attributes say. */
export interface AlertOptions {
  readonly sound: boolean
  readonly notifications: boolean
}

/** `no-sound`: quiet; `no-notifications`: not now, or not any more; `notifications`: wanted. */
export type Word = 'no-sound' | 'notifications' | 'no-notifications'

/** Where notifications stand: not possible here, not asked yet, refused to us or to the page, wanted. */
export type Notifications = 'none' | 'ask' | 'off' | 'blocked' | 'on'

const KEY = 'ringside-alerts'
const changes = new EventTarget()
/** Where there is no storage the choice holds for the page. */
let ownWords: string | null = null
/** What the page says, for the elements that show what can be chosen. */
const options = new WeakMap<Client, AlertOptions>()

function words(): readonly string[] {
  try {
    return (ownWords ?? localStorage.getItem(KEY) ?? '').split(' ')
  } catch {
    return []
  }
}

export function hasChosen(word: Word): boolean {
  return words().includes(word)
}

/** Remembers a choice, or forgets it. */
export function choose(word: Word, isChosen: boolean): void {
  const others = words().filter((one) => one !== word && one !== '')
  const text = (isChosen ? [...others, word] : others).join(' ')
  try {
    localStorage.setItem(KEY, text)
  } catch {
    ownWords = text
  }
  changes.dispatchEvent(new Event('change'))
}

/** Tells of choices made here and in other tabs. */
export function followChoice(onChange: () => void): () => void {
  const onStorage = (event: StorageEvent) => {
    if (event.key === KEY || event.key === null) onChange()
  }
  changes.addEventListener('change', onChange)
  addEventListener('storage', onStorage)
  return () => {
    changes.removeEventListener('change', onChange)
    removeEventListener('storage', onStorage)
  }
}

export function setOptions(client: Client, chosen: AlertOptions): void {
  options.set(client, chosen)
}

export function optionsOf(client: Client): AlertOptions {
  return options.get(client) ?? { sound: true, notifications: true }
}

/** Where notifications stand in this page and browser. */
export function notificationsIn({ notifications }: AlertOptions): Notifications {
  if (!notifications || !canNotify()) return 'none'
  const { permission } = Notification
  if (permission === 'denied') return 'blocked'
  if (hasChosen('no-notifications')) return 'off'
  return permission === 'granted' ? 'on' : 'ask'
}

/** Frames of another origin cannot ask; where there is no secure context nobody can. */
function canNotify(): boolean {
  try {
    return isSecureContext && typeof Notification !== 'undefined' && top?.origin === origin
  } catch {
    return false
  }
}

/** Asks the browser, on a click of the agent; the answer is remembered, and not asked for again. */
export async function allowNotifications(): Promise<void> {
  const answer = await Notification.requestPermission().catch(() => 'default')
  choose('no-notifications', answer === 'default')
}
