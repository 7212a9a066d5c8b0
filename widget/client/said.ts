/**
 * Which calls this browser has spoken of: the first tab that is looked at says it, once, whatever pages follow
 * (POP-13). Kept are ids of calls only, for as long as the tab is open.
 */
import type { Client } from './client.ts'

const KEY = 'ringside-said'
const MOST = 50

/** Calls back where it is for this tab to say it: at once, or when somebody looks at it. Gives a way to stop. */
export function onTurnToSay(client: Client, what: string, say: () => void): () => void {
  const { locks } = navigator
  const key = `${KEY} ${client.api.server} ${client.state.me?.id ?? ''} ${what}`
  const asking = new AbortController()
  let letGo = (): void => undefined
  const look = (): void => {
    if (document.visibilityState === 'hidden' || asking.signal.aborted) return
    document.removeEventListener('visibilitychange', look)
    if (isKept(key)) return
    // Without locks (plain http) a tab knows of no other.
    if (locks === undefined) speak()
    else locks.request(key, { ifAvailable: true }, take).catch(speak)
  }
  function take(lock: Lock | null): Promise<void> | undefined {
    if (lock === null || asking.signal.aborted) return undefined
    speak()
    // Held until it is over: who comes later knows that it has been said.
    return new Promise((resolve) => {
      letGo = resolve
    })
  }
  function speak(): void {
    keep(key)
    say()
  }
  document.addEventListener('visibilitychange', look)
  look()
  return () => {
    asking.abort()
    letGo()
    document.removeEventListener('visibilitychange', look)
  }
}

function kept(): string[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]')
    return Array.isArray(found) ? found.map(String) : []
  } catch {
    // No storage in this page (a sandboxed frame): nothing is remembered.
    return []
  }
}

const isKept = (key: string): boolean => kept().includes(key)

function keep(key: string): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify([...kept(), key].slice(-MOST)))
  } catch {
    // As above.
  }
}
