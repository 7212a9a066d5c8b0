/** Registers an element; a second copy of the script, or a second tag, changes nothing. */
export function define(name: string, element: CustomElementConstructor): void {
  if (customElements.get(name) === undefined) customElements.define(name, element)
}
