/**
 * Exchanges the one-use token after `#` for a key that never leaves this browser, or lets it be copied to the
 * page of the helpdesk, which does the same there. The key is kept as the widget keeps it: IndexedDB `ringside`,
 * store `sign-in`, key the server's origin, value `{ agentId, keyId, privateKey }`; where browsers have no keys (plain
 * http) a secret in the tab's session storage. Admins go on to `/admin`, others to `/agent`. A press of a button is needed, so that a program which only looks at
 * links does not use this one up.
 */
const text = document.querySelector('#text')
const button = document.querySelector('#button')
const elsewhere = document.querySelector('#elsewhere')
const copy = document.querySelector('#copy')
const link = location.href
const token = location.hash.slice(1)
const hasKeys = globalThis.crypto?.subtle !== undefined && globalThis.indexedDB !== undefined

if (token !== '') {
  elsewhere.hidden = false
  copy.addEventListener('click', onCopy)
  text.textContent = hasKeys
    ? 'This link works once. Sign in on the browser that you work with.'
    : 'This link works once. Without https:// the browser keeps no key: you stay signed in until you close this tab.'
  button.hidden = false
  button.addEventListener('click', onClick)
}

async function onClick() {
  button.disabled = true
  text.textContent = 'Signing in…'
  try {
    const role = await (hasKeys ? signIn() : signInTab())
    // The token is used up; it must not stay in the history either.
    history.replaceState(null, '', '/sign-in')
    location.replace(role === 'admin' ? '/admin' : '/agent')
  } catch (error) {
    text.textContent = error instanceof Refusal ? error.message : 'The server cannot be reached.'
    button.disabled = false
  }
}

async function onCopy() {
  try {
    await navigator.clipboard.writeText(link)
    copy.textContent = 'Copied: paste it in your helpdesk'
  } catch {
    // Plain http, or the browser does not let it: the address bar has the link, too.
    copy.textContent = 'Copy the address of this page'
  }
}

class Refusal extends Error {}

async function signIn() {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const pair = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  // Before the link is used up: a browser that keeps nothing must not lose it.
  await inStore((store) => store.put(pair.privateKey, 'probe'))
  await inStore((store) => store.delete('probe'))
  const { agentId, keyId, role } = await useUp({ token, publicKey: { kty, crv, x, y } })
  const kept = { agentId, keyId, privateKey: pair.privateKey }
  await inStore((store) => store.put(kept, location.origin))
  return role
}

async function signInTab() {
  const { agentId, keyId, secret, role } = await useUp({ token })
  const kept = { agentId, keyId, secret }
  sessionStorage.setItem(`ringside:sign-in:${location.origin}`, JSON.stringify(kept))
  return role
}

async function useUp(body) {
  const response = await fetch('/api/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) {
    throw new Refusal(
      response.status === 401 || response.status === 400
        ? 'This link was used already, or has expired. Ask for a new one.'
        : 'The server cannot do it right now. Try again in a moment.',
    )
  }
  return response.json()
}

function inStore(ask) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('ringside', 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore('sign-in')
    opening.onerror = () => reject(new Refusal('This browser does not keep data here.'))
    opening.onsuccess = () => {
      const writing = opening.result.transaction('sign-in', 'readwrite')
      ask(writing.objectStore('sign-in'))
      writing.oncomplete = () => {
        opening.result.close()
        resolve()
      }
      writing.onerror = () => reject(new Refusal('This browser does not keep data here.'))
    }
  })
}
