import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { CallView, MessageView } from '../../server/http/schemas.ts'
import { changeText, type Overtaken } from '../client/case-edit.ts'
import { type Client, ClientController } from '../client/client.ts'
import { secondsSince } from '../client/select.ts'
import { duration, phone, plain } from '../format.ts'
import { fullTime, when } from '../format-time.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import { define, later } from './define.ts'
import { controls } from './form-styles.ts'
import { missedIcon, phoneIcon } from './icons.ts'
import { icon } from './line-icons.ts'
import { renderOvertaken } from './overtaken.ts'
import { go } from './route.ts'

/** A recording that has not come this long after the end is not on its way any more. */
const RECORDING_SECONDS = 600

/** One message of a case: a note, or a call with its times, agents, essence and recording (POP-8). */
export class RingsideCaseMessage extends LitElement {
  static override properties = {
    client: { attribute: false },
    message: { attribute: false },
    caseId: { attribute: false },
    editing: { state: true },
    overtaken: { state: true },
  }
  declare client: Client | null
  declare message: MessageView | null
  declare caseId: string
  declare editing: boolean
  /** Somebody else wrote this text meanwhile (CASE-15). */
  declare overtaken: Overtaken | null
  readonly #actions = new Actions(this)
  /** The text that the agent began with, and the one that they have seen to be there. */
  #first = ''
  #seen = ''

  constructor() {
    super()
    this.client = null
    this.message = null
    this.caseId = ''
    this.editing = false
    this.overtaken = null
    new ClientController(this)
  }

  readonly #onEdit = () => {
    this.#seen = this.message?.text ?? ''
    this.#first = this.#seen
    this.editing = true
    void this.updateComplete.then(() => this.renderRoot.querySelector('textarea')?.focus())
  }

  #stop(): void {
    this.editing = false
    this.overtaken = null
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('[data-edit]')?.focus(),
    )
  }

  readonly #onKey = (event: KeyboardEvent) => {
    const form = (event.target as HTMLTextAreaElement).form
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form?.requestSubmit()
    if (event.key !== 'Escape') return
    event.stopPropagation()
    this.#stop()
  }

  readonly #onSave = async (event: SubmitEvent) => {
    event.preventDefault()
    const { client, message } = this
    const text = this.renderRoot.querySelector('textarea')?.value
    if (client === null || message === null || text === undefined) return
    const saved = await this.#actions.run('save', async () => {
      const seen = this.#seen
      this.overtaken = await changeText(client, this.caseId, message.id, { seen, text })
      return this.overtaken === null
    })
    if (saved) this.#stop()
    // Saved again, it replaces what is now shown to be there.
    else this.#seen = this.overtaken?.current ?? this.#seen
  }

  protected override render() {
    const { client, message } = this
    if (client === null || message === null) return nothing
    const call =
      message.call === null ? null : (client.state.calls.get(message.call.id) ?? message.call)
    return html`<article>
      ${call === null ? this.#renderNoteHead(client, message) : this.#renderCallHead(client, message, call)}
      ${this.editing ? this.#renderEditor(client) : this.#renderText(message, call)}
      ${call === null ? nothing : this.#renderRecordings(client, call)}
      ${call === null ? nothing : this.#renderTrace(client, call)}
    </article>`
  }

  #renderNoteHead(client: Client, message: MessageView): TemplateResult {
    return html`<header class="row"><span class="muted">${icon('note')}</span>
      <bdi class="grow line">${agentName(client, message.authorId)}</bdi>
      ${this.#renderTime(client, message.createdAt)}</header>`
  }

  #renderCallHead(client: Client, message: MessageView, call: CallView): TemplateResult {
    const isMissed = call.state === 'ended' && call.outcome !== 'answered'
    const arrow = call.direction === 'outgoing' ? 'outgoing' : 'incoming'
    const agents = agentsOf(client, call)
    return html`<header class="row"><span class=${isMissed ? 'red' : 'green'}>
        ${isMissed && arrow === 'incoming' ? missedIcon() : phoneIcon(arrow)}</span>
      <span class="grow strong line">${t(`call.${call.direction}`)}</span>
      ${this.#renderTime(client, call.startedAt)}</header>
    <p class="facts small muted"><bdi class="num">${phone(call.from)}</bdi> <span class="to">→</span> <bdi class="num">${
      agents.length > 0 && call.direction === 'incoming' ? agents.join(', ') : phone(call.to)
    }</bdi>${call.direction === 'outgoing' && agents.length > 0 ? html` · <bdi>${agents.join(', ')}</bdi>` : nothing}
    ${call.queue === null ? nothing : html` · <bdi>${t('popup.queue', { queue: plain(call.queue) })}</bdi>`}</p>
    <p class="facts state ${message.inProgress ? 'green strong' : isMissed ? 'red' : ''}"><span role="status">${stateText(message, call)}</span>${timeText(client, message, call)}</p>`
  }

  #renderTime(client: Client, at: string): TemplateResult {
    return html`<time class="small muted num" datetime=${at} title=${fullTime(at)}>${when(at, client.state.now)}</time>`
  }

  #renderText(message: MessageView, call: CallView | null): TemplateResult {
    const text = plain(message.text)
    const isCall = message.kind === 'call'
    if (text === '') {
      // Nobody talked: there is nothing to write down.
      return isCall && call?.outcome !== 'missed'
        ? html`<button class="link small facts" data-edit @click=${this.#onEdit}>${t('case.addEssence')}</button>`
        : html``
    }
    return html`<div class="row top facts"><p class="text grow" dir="auto">${text}</p>
      ${
        isCall
          ? html`<button class="icon" data-edit aria-label=${t('case.editEssence')} title=${t('case.editEssence')}
            @click=${this.#onEdit}>${icon('edit')}</button>`
          : nothing
      }</div>`
  }

  /** What is typed stays, whatever the others write meanwhile. */
  #renderEditor(client: Client): TemplateResult {
    const theirs = this.overtaken?.current ?? null
    return html`<form class="stack facts" @submit=${this.#onSave} @keydown=${this.#onKey}>
      ${renderOvertaken(client, this.overtaken)}
      ${theirs === null ? nothing : html`<blockquote class="text small" dir="auto">${plain(theirs)}</blockquote>`}
      <textarea rows="4" maxlength="20000" dir="auto" aria-label=${t('case.essence')} .defaultValue=${this.#first}></textarea>
      <div class="row"><button class="primary" aria-busy=${this.#actions.isBusy('save')}>${t('save')}</button>
        <button type="button" class="quiet" @click=${() => this.#stop()}>${t('cancel')}</button></div>
      ${this.#actions.error('save')}</form>`
  }

  /** Only who may see the call may see what became of it. */
  #renderTrace(client: Client, call: CallView): TemplateResult | typeof nothing {
    const { me } = client.state
    const isOwn = call.agentId === me?.id || call.legs.some((leg) => leg.agentId === me?.id)
    if (me === null || (me.role === 'agent' && !isOwn)) return nothing
    return html`<button class="link small facts" @click=${() => go(this, { view: 'trace', callId: call.id })}>${t('case.trace')}</button>`
  }

  #renderRecordings(client: Client, call: CallView): TemplateResult | typeof nothing {
    const { recordings } = call
    if (recordings.length > 0) {
      later(import('./recording.ts'))
      return html`<ringside-recording class="facts" .client=${client} .recordings=${inOrder(recordings)}></ringside-recording>`
    }
    if (call.recordingsGone !== undefined) {
      const why = call.recordingsGone === 'erased' ? 'recording.erased' : 'recording.overAge'
      return html`<p class="note small muted facts">${t(why)}</p>`
    }
    const canCome = client.state.me?.capabilities.includes('recordings') ?? false
    const isFresh = secondsSince(client.state, call.endedAt) < RECORDING_SECONDS
    if (!canCome || call.state !== 'ended' || call.outcome !== 'answered' || !isFresh)
      return nothing
    return html`<p class="note small muted facts" role="status">${t('recording.pending')}</p>`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: block; }
      article { display: flex; flex-direction: column; gap: 4px; padding-block: 10px; }
      .facts { margin-inline-start: 24px; overflow-wrap: anywhere; }
      ringside-recording:not(:defined) { display: block; min-block-size: 92px; }
      blockquote { margin: 0; padding-inline-start: 10px; border-inline-start: 3px solid var(--_amber); }
      .text { white-space: pre-wrap; overflow-wrap: anywhere; }
      .to:dir(rtl) { display: inline-block; scale: -1 1; }
      .top { align-items: start; }
      .icon { min-block-size: 28px; min-inline-size: 28px; opacity: 0.55; }
      .icon svg { inline-size: 14px; block-size: 14px; }
      article:hover .icon, .icon:focus-visible { opacity: 1; }
    `,
  ]
}

/** Parts in the order in which they came: their ids tell it; what is told last may be the first. */
function inOrder(recordings: CallView['recordings']): CallView['recordings'] {
  return recordings.length < 2
    ? recordings
    : [...recordings].sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)))
}

/** The name of an agent; the system where nobody did it. */
export function agentName(client: Client, id: string | null): string {
  if (id === null) return t('case.system')
  return plain(client.state.agents.get(id)?.name ?? '') || t('noName')
}

function agentsOf(client: Client, call: CallView): string[] {
  const talked = call.legs.filter((leg) => leg.answeredAt !== null)
  const ids = talked.map((leg) => leg.agentId).filter((id) => id !== null)
  const all = ids.length === 0 && call.agentId !== null ? [call.agentId] : ids
  return [...new Set(all)].map((id) => agentName(client, id))
}

const isGoingOn = (message: MessageView, call: CallView): boolean =>
  message.inProgress && call.state !== 'ended'

function stateText(message: MessageView, call: CallView): string {
  if (isGoingOn(message, call)) return t('call.inProgress')
  return call.outcome === null ? '' : t(`outcome.${call.outcome}`)
}

/** Not announced: while the call goes on it is another every second. */
function timeText(client: Client, message: MessageView, call: CallView): string {
  if (isGoingOn(message, call)) {
    return ` · ${duration(secondsSince(client.state, call.answeredAt ?? call.startedAt))}`
  }
  if (call.outcome === 'answered' && call.talkSeconds !== null) {
    return ` · ${duration(call.talkSeconds)}`
  }
  if (call.outcome === 'answered' || call.ringSeconds === null) return ''
  const rang = t('case.rang', { duration: duration(call.ringSeconds) })
  return call.outcome === null ? rang : ` · ${rang}`
}

define('ringside-case-message', RingsideCaseMessage)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-case-message': RingsideCaseMessage
  }
}
