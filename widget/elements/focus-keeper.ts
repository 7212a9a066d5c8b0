/** Where the focus came from, and where it goes when what had it is gone (A11Y-2). */
import type { LitElement, ReactiveController } from 'lit'

/**
 * Gives the focus back to where somebody worked before, and never takes it from anywhere: it moves only what has
 * the focus here, or had it when it went.
 */
export class FocusKeeper implements ReactiveController {
  readonly #host: LitElement
  /** What had the focus in the page when it came here. */
  #from: HTMLElement | null = null
  #had: Element | null = null

  constructor(host: LitElement) {
    this.#host = host
    host.addEventListener('focusin', this.#onFocusIn)
    host.addController(this)
  }

  readonly #onFocusIn = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget instanceof HTMLElement && relatedTarget !== this.#host) {
      this.#from = relatedTarget
    }
  }

  hostUpdate(): void {
    this.#had = this.#host.shadowRoot?.activeElement ?? null
  }

  hostUpdated(): void {
    if (this.#had !== null) void this.#mend()
  }

  /** What had the focus may have gone: a call that ended, a page of the panel that is another now. */
  async #mend(): Promise<void> {
    const { renderRoot } = this.#host
    const panel = renderRoot.querySelector<LitElement>('ringside-panel')
    await panel?.updateComplete
    if (!this.#host.isConnected || !isFocusNowhere()) return
    const next =
      renderRoot.querySelector<HTMLElement>('ringside-popup') ??
      panel ??
      renderRoot.querySelector<HTMLElement>('ringside-call-bar')
    if (next === null) this.giveBack()
    else next.focus()
  }

  /** Back to the page, where the agent was; else to the button that opens the panel. Who works elsewhere is left there. */
  giveBack(): void {
    if (hasFocusElsewhere(this.#host)) return
    const from = this.#from
    this.#from = null
    from?.focus({ preventScroll: true })
    if (from?.isConnected && document.activeElement === from) return
    this.#host.renderRoot.querySelector<HTMLElement>('.launcher')?.focus()
  }
}

const isFocusNowhere = (): boolean =>
  document.activeElement === null || document.activeElement === document.body

/** Not by `:focus-within`, which is never true in a window that is not in front. */
function hasFocusElsewhere(host: HTMLElement): boolean {
  const { activeElement } = host.getRootNode() as Document | ShadowRoot
  return !isFocusNowhere() && activeElement !== host
}
