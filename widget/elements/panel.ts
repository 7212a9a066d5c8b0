import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import { type Client, ClientController } from '../client/client.ts'
import { enPanel } from '../i18n/en-panel.ts'
import { addEnglish, t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { define, later } from './define.ts'
import { controls } from './form-styles.ts'
import type { RingsideHome } from './home.ts'
import { closeIcon } from './icons.ts'
import { icon } from './line-icons.ts'
import { go, passOn, type Route } from './route.ts'
import '../alerts/alert-offer.ts'
import './case.ts'
import './case-form.ts'
import './case-message.ts'
import './home.ts'
import './my-state.ts'
import './user.ts'
import './user-search.ts'

addEnglish(enPanel)

/** The panel: one page at a time, a way back, a way out. Loaded when first opened. */
export class RingsidePanel extends LitElement {
  static override properties = {
    client: { attribute: false },
    route: { attribute: false },
    canGoBack: { attribute: false },
    caseUrl: { attribute: false },
    onClose: { attribute: false },
  }
  declare client: Client | null
  declare route: Route | null
  declare canGoBack: boolean
  /** Where the helpdesk shows its own ticket. */
  declare caseUrl: string | null
  declare onClose: (() => void) | null

  constructor() {
    super()
    this.client = null
    this.route = null
    this.canGoBack = false
    this.caseUrl = null
    this.onClose = null
    new ClientController(this)
  }

  /** Puts the focus where the page of the panel starts. */
  override focus(): void {
    const page = this.renderRoot.querySelector<HTMLElement>('.page > *')
    const isField =
      page?.localName === 'ringside-user-search' || page?.localName === 'ringside-case-form'
    if (isField) page?.focus()
    else if (page?.localName === 'ringside-home') void this.#resume(page as RingsideHome)
    else this.renderRoot.querySelector<HTMLElement>('h1')?.focus()
  }

  async #resume(home: RingsideHome): Promise<void> {
    await home.updateComplete
    if (!home.resume()) this.renderRoot.querySelector<HTMLElement>('h1')?.focus()
  }

  /** Goes to the note of the case that is open. */
  focusNote(): void {
    this.renderRoot.querySelector('ringside-case')?.focusNote()
  }

  /** Searches in the page for finding users. */
  search(text: string): void {
    this.renderRoot.querySelector('ringside-user-search')?.search(text)
  }

  // Where there is a list, its own search is meant.
  readonly #onKey = (event: KeyboardEvent) => {
    const target = event.composedPath()[0]
    if (
      event.key !== '/' ||
      (target instanceof Element && target.matches('input, textarea, select'))
    )
      return
    if (this.renderRoot.querySelector('ringside-home')?.search() !== true) return
    event.preventDefault()
    event.stopPropagation()
  }

  // Nested shadow roots: what a page asks for goes on to the widget.
  readonly #onGo = (event: Event) => passOn(this, event)

  protected override render() {
    const { client, route } = this
    if (client === null || route === null) return nothing
    return html`<section class="panel" part="panel" aria-label=${t('panel.label')} @keydown=${this.#onKey}>
      <header class="row">
        ${
          this.canGoBack
            ? html`<button class="icon back" aria-label=${t('back')} title=${t('back')} @click=${() => go(this, 'back')}>${icon('back')}</button>`
            : nothing
        }
        <h1 tabindex="-1"><bdi class="line">${this.#title(client, route)}</bdi></h1>
        <ringside-my-state .client=${client}></ringside-my-state>
        ${
          route.view === 'find'
            ? nothing
            : html`<button class="icon" aria-label=${t('panel.find')} title=${t('panel.find')}
              @click=${() => go(this, { view: 'find', callId: null })}>${icon('search')}</button>`
        }
        ${
          route.view === 'help'
            ? nothing
            : html`<button class="icon help" aria-label=${t('panel.help')} title=${t('panel.help')}
              @click=${() => go(this, { view: 'help' })}>?</button>`
        }
        <button class="icon" aria-label=${t('panel.close')} title=${t('panel.close')}
          @click=${() => this.onClose?.()}>${closeIcon()}</button>
      </header>
      <div class="page" @ringside-go=${this.#onGo}>${
        // What was begun for one call, case or user is not left in the page of the next.
        keyed(keyOf(route), this.#renderPage(client, route))
      }</div>
      <ringside-alert-offer .client=${client}></ringside-alert-offer>
    </section>`
  }

  #title(client: Client, route: Route): string {
    switch (route.view) {
      case 'home':
      case 'missed':
      case 'cases':
        return t('panel.label')
      case 'help':
        return t('help.title')
      case 'trace':
        return t('trace.title')
      case 'user':
        return t('user.title')
      case 'find':
        return route.callId === null ? t('panel.find') : t('caller.find')
      case 'form':
        return t('form.title')
      case 'case':
        return t('case.title', {
          number: String(client.state.cases.get(route.caseId)?.number ?? ''),
        })
      case 'call': {
        const call = client.state.calls.get(route.callId)
        if (call === undefined) return t('panel.label')
        return t(`call.${call.direction}`)
      }
    }
  }

  #renderPage(client: Client, route: Route): TemplateResult {
    switch (route.view) {
      case 'home':
      case 'missed':
      case 'cases':
        return html`<ringside-home .client=${client} .tab=${route.view === 'home' ? null : route.view}></ringside-home>`
      case 'help':
        return renderHelp()
      case 'trace':
        later(import('./call-trace.ts'))
        return html`<ringside-call-trace .client=${client} .callId=${route.callId}></ringside-call-trace>`
      case 'user':
        return html`<ringside-user .client=${client} .userId=${route.userId} .callId=${null}></ringside-user>`
      case 'find':
        return html`<ringside-user-search .client=${client} .callId=${route.callId}></ringside-user-search>`
      case 'form':
        return html`<ringside-case-form .client=${client} .callId=${route.callId}></ringside-case-form>`
      case 'case':
        return html`<ringside-case .client=${client} .caseId=${route.caseId} .caseUrl=${this.caseUrl}></ringside-case>`
      case 'call':
        return html`<ringside-user .client=${client} .userId=${null} .callId=${route.callId}></ringside-user>`
    }
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: flex; min-block-size: 0; }
      .panel {
        position: relative; display: flex; flex-direction: column; inline-size: 100%; min-block-size: 0; overflow: hidden;
        background: var(--_background); border: 1px solid var(--_border); border-radius: var(--_radius);
        box-shadow: var(--_shadow);
      }
      header { gap: 2px; min-block-size: 46px; padding-inline: 16px 6px; border-block-end: 1px solid var(--_border); }
      .back { margin-inline-start: -10px; }
      .back:dir(rtl) svg { scale: -1 1; }
      h1 { flex: 0 1 auto; min-inline-size: 0; margin: 0; margin-inline-end: auto; font-size: 1em; font-weight: 600; }
      h1:focus-visible { outline-offset: 3px; border-radius: 2px; }
      .page { padding: 14px 16px 18px; overflow: auto; overscroll-behavior: contain; }
      /* The room is the title's; the key opens it all the same. */
      @media (max-width: 420px) { .help { display: none; } }
      .keys { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 8px 14px; align-items: baseline; }
      kbd {
        padding: 1px 6px; border: 1px solid var(--_border); border-radius: 5px; background: var(--_surface);
        font: inherit; font-size: 0.857em; white-space: nowrap;
      }
    `,
  ]
}

/** Both tabs of the first page are one. */
function keyOf(route: Route): string {
  const isHome = route.view === 'missed' || route.view === 'cases'
  return isHome ? '{"view":"home"}' : JSON.stringify(route)
}

function renderHelp(): TemplateResult {
  const keys = [
    ['Alt Shift C', t('help.focus')],
    ['/', t('help.search')],
    ['C', t('help.create')],
    ['M', t('help.missed')],
    ['L', t('help.cases')],
    ['J K', t('help.inList')],
    ['N', t('help.note')],
    ['Ctrl Enter', t('help.submit')],
    ['Shift Enter', t('help.transfer')],
    ['Esc', t('help.back')],
    ['?', t('help.help')],
  ]
  return html`<dl class="keys">${keys.map(
    ([key, text]) =>
      html`<dt>${key?.split(' ').map((one) => html`<kbd>${one}</kbd> `)}</dt><dd>${text}</dd>`,
  )}</dl>`
}

define('ringside-panel', RingsidePanel)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-panel': RingsidePanel
  }
}
