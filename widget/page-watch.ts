/**
 * Looks at the page again after it has changed: single-page helpdesks add tags late and swap their whole body. An
 * observer of the page is cheap as long as it rests: after a change it is off for a moment, then there is one look
 * for however many changes there were. (Elements that load their own code when they meet a page would need no looking,
 * but a name can be defined only once.)
 */
const REST_MS = 200

/** Looks now, and after each burst of changes. */
export function watchPage(look: () => void): void {
  const observer = new MutationObserver(() => {
    observer.disconnect()
    setTimeout(observe, REST_MS)
  })
  const observe = (): void => {
    look()
    observer.observe(document, { childList: true, subtree: true })
  }
  observe()
}

/** Elements that stand alone in a page, by tag (EMBED-6). */
const LONE: Readonly<Record<string, () => Promise<unknown>>> = {
  'ringside-case-list': () => import('./elements/case-list.ts'),
  'ringside-case': () => import('./elements/case.ts'),
  'ringside-recording': () => import('./elements/recording.ts'),
  'ringside-settings': () => import('./settings/ringside-settings.ts'),
  'ringside-reports': () => import('./reports/ringside-reports.ts'),
  'ringside-wallboard': () => import('./wallboard/ringside-wallboard.ts'),
}
const loading = new Set<string>()

/** Loads the code of tags that stand in the page, or that `names` says will (`case-list recording`). */
export function loadLoneTags(names: readonly string[]): void {
  for (const [tag, load] of Object.entries(LONE)) {
    const isWanted =
      names.includes(tag.replace('ringside-', '')) ||
      document.querySelector(`${tag}:not(:defined)`) !== null
    if (!isWanted || loading.has(tag)) continue
    loading.add(tag)
    // What could not be fetched is fetched again by the next look.
    load().catch(() => loading.delete(tag))
  }
}
