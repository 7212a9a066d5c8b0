/**
 * Where a browser keeps its sign-in, for each page origin and server: database `ringside`, store `sign-in`, key the
 * server's origin, value `{ agentId, keyId, privateKey }`. Ringside's own `/sign-in` page writes the same. Without
 * WebCrypto or IndexedDB it is `{ agentId, keyId, secret }` in the session storage of the tab.
 */

/** A sign-in that can prove itself. The key cannot be taken out of the browser. */
export type Kept = { readonly agentId: string; readonly keyId: string } & (
  | { readonly privateKey: CryptoKey }
  | { readonly secret: string }
)

/** What this browser, or else this tab, keeps for a server. */
export async function loadSignIn(server: string): Promise<Kept | null> {
  return parseKept(await inStore('readonly', (store) => store.get(server))) ?? loadOfTab(server)
}

/** Keeps a sign-in; throws where the browser keeps nothing. */
export async function saveSignIn(server: string, kept: Kept): Promise<void> {
  if ('secret' in kept) {
    sessionStorage.setItem(nameOf(server), JSON.stringify(kept))
    await inStore('readwrite', (store) => store.delete(server))
  } else if ((await inStore('readwrite', (store) => store.put(kept, server))) === undefined) {
    throw new Error('this browser keeps no keys')
  }
}

/** Forgets the sign-in of this browser and of this tab. */
export async function forgetSignIn(server: string): Promise<void> {
  sessionOf()?.removeItem(nameOf(server))
  await inStore('readwrite', (store) => store.delete(server))
}

/** Whether a key survives here: private windows of some browsers take everything but keys. */
export async function canKeep(server: string, key: CryptoKey): Promise<boolean> {
  const probe = `probe ${server}`
  const written = await inStore('readwrite', (store) => store.put(key, probe))
  await inStore('readwrite', (store) => store.delete(probe))
  return written !== undefined
}

/** Browsers can hang on their store, after a sleep or while it is cleaned: that is no answer, and tried again later. */
class NoAnswer extends Error {}
const ANSWER_MS = 4_000

/** One request in the store; undefined where there is no such store here, or it refuses. */
async function inStore(
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  try {
    const opening = indexedDB.open('ringside', 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore('sign-in')
    const database = (await answerOf(opening)) as IDBDatabase
    try {
      return await answerOf(ask(database.transaction('sign-in', mode).objectStore('sign-in')))
    } finally {
      database.close()
    }
  } catch (error) {
    if (error instanceof NoAnswer) throw error
    // A sandboxed page, a private window: then a tab is all there is.
    return undefined
  }
}

function answerOf(request: IDBRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new NoAnswer('the store of this browser does not answer')), ANSWER_MS)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

function loadOfTab(server: string): Kept | null {
  try {
    return parseKept(JSON.parse(sessionOf()?.getItem(nameOf(server)) ?? 'null'))
  } catch {
    // The page has written something of its own there.
    return null
  }
}

function parseKept(value: unknown): Kept | null {
  if (typeof value !== 'object' || value === null) return null
  const { agentId, keyId, privateKey, secret } = value as Record<string, unknown>
  if (typeof agentId !== 'string' || typeof keyId !== 'string') return null
  if (typeof secret === 'string') return { agentId, keyId, secret }
  const isKey = typeof CryptoKey === 'function' && privateKey instanceof CryptoKey
  return isKey ? { agentId, keyId, privateKey } : null
}

function sessionOf(): Storage | null {
  try {
    return sessionStorage
  } catch {
    // Reading the property throws where the page may keep nothing.
    return null
  }
}

function nameOf(server: string): string {
  return `ringside:sign-in:${server}`
}
