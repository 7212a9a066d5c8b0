import { type Resolve, resolveAllowed } from '../net/address-guard.ts'

const MAX_LENGTH = 2000

export interface HookUrlRules {
  /** Whether receivers may be in a private network, or on this machine. */
  readonly allowPrivate: boolean
  readonly resolve?: Resolve | undefined
}

/** The address as it is kept, or what is wrong with it: what was found, and what was expected. */
export async function checkHookUrl(
  given: string,
  rules: HookUrlRules,
): Promise<{ readonly url: string } | { readonly problem: string }> {
  const text = given.trim()
  if (text.length > MAX_LENGTH) {
    return { problem: `has ${text.length} characters, expected at most ${MAX_LENGTH}` }
  }
  // https unless http:// is written.
  const url = toUrl(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`)
  if (url === null)
    return { problem: 'cannot be read, expected an address such as https://host/path' }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return { problem: `begins with ${url.protocol}//, expected https:// or http://` }
  }
  if (url.username !== '' || url.password !== '') {
    return { problem: 'has a user name or password in it, expected none: messages are signed' }
  }
  url.hash = ''
  const found = await resolveAllowed(url.hostname, rules)
  // A name that is not known today may be tomorrow; the test of the webhook says so.
  if (found.ok || found.code === 'not-found') return { url: url.href }
  return { problem: `is not allowed: ${found.message}${hint(found.code)}` }
}

/** What an admin can do about it. */
function hint(code: 'forbidden' | 'private'): string {
  return code === 'private'
    ? '. Where the helpdesk is inside your network, start Ringside with HOOKS_ALLOW_PRIVATE=true'
    : ''
}

function toUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null
}
