import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { define } from '../elements/define.ts'
import { controls } from '../elements/form-styles.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'

export interface SeveralItem {
  readonly value: string
  readonly label: string
}

/** Sent by `<ringside-report-several>`: what is chosen now. */
export class SeveralEvent extends CustomEvent<readonly string[]> {
  constructor(values: readonly string[]) {
    super('ringside-several', { detail: values })
  }
}

/** So many that one rather types than looks. */
const MANY = 8

/** Some of a list, or all: a button that says which, and a list of boxes below it. */
export class RingsideReportSeveral extends LitElement {
  static override properties = {
    label: {},
    all: {},
    items: { attribute: false },
    values: { attribute: false },
    isOpen: { state: true },
    isAtEnd: { state: true },
    text: { state: true },
  }
  declare label: string
  /** What it says where nothing is chosen, which is everything. */
  declare all: string
  declare items: readonly SeveralItem[]
  declare values: readonly string[]
  declare isOpen: boolean
  /** There is no room for the list but towards the start. */
  declare isAtEnd: boolean
  declare text: string

  constructor() {
    super()
    this.label = ''
    this.all = ''
    this.items = []
    this.values = []
    this.isOpen = false
    this.isAtEnd = false
    this.text = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.addEventListener('focusout', this.#onFocusOut)
    this.addEventListener('keydown', this.#onKey)
    document.addEventListener('pointerdown', this.#onPointer)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('pointerdown', this.#onPointer)
  }

  #close(): void {
    this.isOpen = false
    this.text = ''
  }

  readonly #onFocusOut = ({ relatedTarget }: FocusEvent) => {
    const isInside = relatedTarget instanceof Node && this.renderRoot.contains(relatedTarget)
    if (relatedTarget !== null && !isInside && relatedTarget !== this) this.#close()
  }
  readonly #onPointer = (event: Event) => {
    if (this.isOpen && !event.composedPath().includes(this)) this.#close()
  }
  readonly #onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !this.isOpen) return
    event.stopPropagation()
    this.#close()
    this.renderRoot.querySelector('button')?.focus()
  }
  readonly #onToggle = async () => {
    if (this.isOpen) return this.#close()
    this.isOpen = true
    this.isAtEnd = false
    this.dispatchEvent(new CustomEvent('ringside-several-open'))
    await this.updateComplete
    this.isAtEnd = this.#isCut()
    this.renderRoot.querySelector<HTMLElement>('.list input')?.focus()
  }

  #isCut(): boolean {
    const list = this.renderRoot.querySelector('.list')?.getBoundingClientRect()
    const width = document.documentElement.clientWidth
    return list !== undefined && (list.left < 0 || list.right > width)
  }

  #choose(values: readonly string[]): void {
    this.dispatchEvent(new SeveralEvent(values))
  }

  /** What is chosen can be taken off, also where the list does not have it any more. */
  get #all(): readonly SeveralItem[] {
    const gone = this.values.filter((value) => !this.items.some((one) => one.value === value))
    return [...this.items, ...gone.map((value) => ({ value, label: value }))]
  }

  protected override render() {
    const chosen = this.#all.filter(({ value }) => this.values.includes(value))
    const [only] = chosen
    const text =
      chosen.length > 1 ? t('reports.chosen', { count: chosen.length }) : (only?.label ?? this.all)
    return html`<label id="label">${this.label}</label>
      <button class=${chosen.length > 0 ? 'top on' : 'top'} aria-labelledby="label value" aria-expanded=${this.isOpen}
        @click=${this.#onToggle}><bdi id="value" class="line">${text}</bdi><span class="mark" aria-hidden="true"></span></button>
      ${this.isOpen ? this.#renderList() : nothing}`
  }

  #renderList(): TemplateResult {
    const wanted = this.text.trim().toLocaleLowerCase()
    const shown = this.#all.filter(({ label }) => label.toLocaleLowerCase().includes(wanted))
    const onText = (event: Event) => {
      this.text = (event.target as HTMLInputElement).value
    }
    return html`<div class=${this.isAtEnd ? 'list end' : 'list'} role="group" aria-labelledby="label">
      ${
        this.items.length > MANY
          ? html`<input type="search" autocomplete="off" dir="auto" aria-label=${t('reports.find')}
              placeholder=${t('reports.find')} .value=${this.text} @input=${onText}>`
          : nothing
      }
      <div class="items">${shown.map((item) => this.#renderItem(item))}</div>
      ${shown.length === 0 ? html`<p class="muted small" role="status">${t('reports.findNone')}</p>` : nothing}
      ${
        this.values.length === 0
          ? nothing
          : html`<button class="quiet" @click=${() => this.#choose([])}>${t('reports.clear')}</button>`
      }</div>`
  }

  #renderItem({ value, label }: SeveralItem): TemplateResult {
    const isChosen = this.values.includes(value)
    const others = this.values.filter((one) => one !== value)
    return html`<label class="item"><input type="checkbox" .checked=${isChosen}
      @change=${() => this.#choose(isChosen ? others : [...others, value])}><bdi>${label}</bdi></label>`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: block; position: relative; min-inline-size: 0; }
      .top {
        inline-size: 100%; min-block-size: calc(var(--_control) + 4px); justify-content: space-between; padding: 6px 10px;
        border-color: var(--_field); font-weight: 400; text-align: start;
      }
      .top bdi { flex: 1 1 auto; min-inline-size: 0; }
      .mark { flex: none; inline-size: 7px; block-size: 7px; margin-block-start: -4px; border: solid currentColor; border-width: 0 2px 2px 0; rotate: 45deg; }
      .on { border-color: var(--_accent); background: var(--_accent-soft); color: var(--_accent); }
      .list {
        position: absolute; z-index: 3; inset-inline-start: 0; inset-block-start: calc(100% + 4px); display: flex; flex-direction: column;
        gap: var(--_2); inline-size: max(100%, 17em); max-inline-size: 86vw; padding: var(--_2); border: 1px solid var(--_border);
        border-radius: var(--_radius-small); background: var(--_background); box-shadow: var(--_shadow);
      }
      .list.end { inset-inline: auto 0; }
      .items { max-block-size: 19em; overflow: auto; }
      .item {
        display: flex; align-items: center; gap: var(--_2); min-block-size: 28px; margin: 0; padding-inline: var(--_1);
        border-radius: var(--_radius-small); font-size: 1em; font-weight: 400; color: var(--_text); cursor: pointer;
      }
      .item:hover { background: var(--_surface); }
      .item input { flex: none; inline-size: var(--_title); min-block-size: 0; block-size: var(--_title); margin: 0; accent-color: var(--_accent); }
      .quiet { align-self: start; }
    `,
  ]
}

define('ringside-report-several', RingsideReportSeveral)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-report-several': RingsideReportSeveral
  }
  interface HTMLElementEventMap {
    'ringside-several': SeveralEvent
  }
}
