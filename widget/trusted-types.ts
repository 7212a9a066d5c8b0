/**
 * The Trusted Types policy of our own copy of Lit. Lit's is called `lit-html`, and a page that has a Lit itself
 * and allows that name once would end our copy at import; the build asks here instead (`rollup.config.js`).
 */
interface Policy {
  readonly createHTML: (html: string) => unknown
}

export interface PolicyFactory {
  readonly createPolicy: (name: string, rules: { createHTML: (html: string) => string }) => Policy
}

let isBlocked = false

/** False where the page lets nothing of ours be drawn: then nothing is defined either. */
export function canDraw(): boolean {
  return !isBlocked
}

/** The policy, or none where none is needed; a refusal is one line for the page's developer, and no throw. */
export function createPolicy(types: PolicyFactory | undefined): Policy | undefined {
  // A second copy of the widget draws nothing: the first one's elements do.
  if (types === undefined || customElements.get('ringside-widget') !== undefined) return undefined
  try {
    return types.createPolicy('ringside', { createHTML: (html) => html })
  } catch {
    isBlocked = !takesText()
  }
  if (isBlocked) {
    // biome-ignore lint/suspicious/noConsole: the page's developer is told here and nowhere else.
    console.warn(
      'ringside-widget: not shown, because of this page’s Content-Security-Policy. Add "ringside" to "trusted-types".',
    )
  }
  return undefined
}

/** Pages may name policies without asking for them anywhere. */
function takesText(): boolean {
  try {
    document.createElement('template').innerHTML = '<i>'
    return true
  } catch {
    return false
  }
}
