/** Which columns an agent wants to see, kept in this browser: a word per place, nothing about anybody. */

const KEY = 'ringside-columns'

/** The agent's choice for this place, or null where none was made. */
export function phoneColumn(place: 'panel' | 'page', storage = () => localStorage): boolean | null {
  try {
    const kept = storage().getItem(`${KEY} ${place}`)
    return kept === null ? null : kept === 'phone'
  } catch {
    // No storage in this page (a sandboxed frame): the default counts.
    return null
  }
}

/** Keeps the choice. */
export function keepPhoneColumn(
  place: 'panel' | 'page',
  isOn: boolean,
  storage = () => localStorage,
): void {
  try {
    storage().setItem(`${KEY} ${place}`, isOn ? 'phone' : 'none')
  } catch {
    // As above: it holds for this page.
  }
}
