/** The parts of the widget on the page: which of them are there, and what they are given. */
import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { choice, hiddenParts, localeTag, words } from '../attributes.ts'
import type { Client } from '../client/client.ts'
import { selectCurrentCalls, selectPopups } from '../client/select.ts'
import { isRightToLeft } from '../i18n/t.ts'
import { isPartMissing } from '../parts.ts'
import { later } from './define.ts'
import { renderLauncher } from './launcher.ts'
import type { RingsideWidget } from './ringside-widget.ts'
import type { GoEvent } from './route.ts'

/** What happens when something inside is used. */
export interface WidgetActions {
  readonly go: (event: GoEvent) => void
  readonly key: (event: KeyboardEvent) => void
  readonly launch: () => void
  readonly closePanel: () => void
  readonly dialGone: () => void
}

export function renderWidget(widget: RingsideWidget, actions: WidgetActions): TemplateResult {
  const { client, locale, dialling, routes } = widget
  const isSignedOut = client?.api.signsIn === true && client.state.connection === 'refused'
  const tag = localeTag(locale)
  const hidden = hiddenParts(widget.hide)
  const isOpen = routes.length > 0 && !hidden.has('panel')
  const calls = client === null || hidden.has('call-bar') ? [] : selectCurrentCalls(client.state)
  // Fetched while the phone still rings.
  if (client !== null && client.state.calls.size > 0) later(import('./call-bar.ts'))
  return html`<div class="frame ${choice('position', widget.position)} ${choice('theme', widget.theme)}"
    dir=${isRightToLeft(tag) ? 'rtl' : nothing} @ringside-go=${actions.go} @keydown=${actions.key}>
    <div class="sr" role="alert" aria-atomic="false">${widget.announcements.map((text) => html`<p>${text}</p>`)}</div>
    ${client === null || hidden.has('popups') ? nothing : renderPopups(client, widget.fields)}
    ${
      calls.length > 0 || isOpen || dialling !== null
        ? html`<div class="side">
          ${dialling === null ? nothing : renderDialling(dialling, actions.dialGone)}
          ${repeat(
            calls,
            ({ id }) => id,
            (call) =>
              html`<ringside-call-bar .client=${client} .call=${call} exportparts="call-bar"></ringside-call-bar>`,
          )}
          ${client !== null && isOpen ? (isSignedOut ? renderSignIn : renderPanel)(client, widget, actions.closePanel) : nothing}
        </div>`
        : nothing
    }
    ${hidden.has('launcher') || (isOpen && !isPartMissing()) ? nothing : renderLauncher(client, actions.launch)}
  </div>`
}

function renderPopups(client: Client, fields: string | null): TemplateResult {
  const keys = fields === null ? null : words(fields)
  return html`<div class="popups" part="popups">${repeat(
    selectPopups(client.state),
    ({ call }) => call.id,
    (entry) =>
      html`<ringside-popup .client=${client} .entry=${entry} .fields=${keys} exportparts="popup"></ringside-popup>`,
  )}</div>`
}

function renderDialling(
  { number, error }: NonNullable<RingsideWidget['dialling']>,
  onGone: () => void,
): TemplateResult {
  later(import('./dial-note.ts'))
  return html`<ringside-dial-note .number=${number} .error=${error} .onGone=${onGone}></ringside-dial-note>`
}

function renderPanel(
  client: Client,
  { routes, caseUrl }: RingsideWidget,
  onClose: () => void,
): TemplateResult {
  later(import('./panel.ts'))
  return html`<ringside-panel .client=${client} .route=${routes.at(-1) ?? null}
    .caseUrl=${caseUrl} .canGoBack=${routes.length > 1} .onClose=${onClose} exportparts="panel"></ringside-panel>`
}

/** In the panel's place while this browser holds nobody's key. */
function renderSignIn(
  client: Client,
  _widget: RingsideWidget,
  onClose: () => void,
): TemplateResult {
  later(import('./sign-in-card.ts'))
  return html`<ringside-sign-in-card .client=${client} .onClose=${onClose} exportparts="panel"></ringside-sign-in-card>`
}
