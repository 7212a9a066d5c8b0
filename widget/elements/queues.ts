import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { needQueues, pauseQueue } from '../client/call-control.ts'
import { type Client, ClientController } from '../client/client.ts'
import type { AgentState, Queue, QueueMember } from '../client/control-types.ts'
import { selectQueues } from '../client/select-controls.ts'
import { plain } from '../format.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import { agentStateStyles, stateDot, stateText } from './agent-state.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'
import { icon } from './line-icons.ts'
import { whyNot } from './refusal.ts'

/** Queues with who waits and who serves them; one's own pause is set here (CTL-6). */
export class RingsideQueues extends LitElement {
  static override properties = { client: { attribute: false }, opened: { state: true } }
  declare client: Client | null
  /** Keys of the queues whose members are shown. */
  declare opened: ReadonlySet<string>
  readonly #actions = new Actions(this)

  constructor() {
    super()
    this.client = null
    this.opened = new Set()
    new ClientController(this)
  }

  protected override willUpdate(): void {
    if (this.client !== null) void needQueues(this.client)
  }

  #toggle(key: string): void {
    const opened = new Set(this.opened)
    if (!opened.delete(key)) opened.add(key)
    this.opened = opened
  }

  #pause(key: string, queue: Queue, paused: boolean): void {
    const { client } = this
    if (client === null) return
    void this.#actions.run(key, () => pauseQueue(client, queue.name, paused))
  }

  protected override render() {
    const { client } = this
    const queues = client === null ? [] : selectQueues(client.state)
    if (client === null || queues.length === 0) return nothing
    return html`<section><h2 class="over">${t('queues.title')}</h2>
      <ul>${queues.map((one) => this.#renderQueue(client, one))}</ul></section>`
  }

  #renderQueue(client: Client, queue: Queue): TemplateResult {
    const key = `${queue.connectionId} ${queue.name}`
    const isOpen = this.opened.has(key)
    const mine = queue.members.find((one) => one.agentId === client.state.me?.id)
    return html`<li>
      <div class="row">
        <button class="quiet grow queue" aria-expanded=${isOpen} @click=${() => this.#toggle(key)}>
          <span class="turn">${icon('back')}</span>
          <bdi class="line strong" title=${plain(queue.name)}>${plain(queue.name)}</bdi>
          <span class="small line ${queue.waiting > 0 ? 'tag pending' : 'muted'}">${queue.waiting === 0 ? t('queues.empty') : t('queues.waiting', { count: queue.waiting })}</span>
        </button>
        ${mine === undefined ? nothing : this.#renderPause(client, key, queue, mine)}
      </div>
      ${whyNot(this.#actions, key)}
      ${
        isOpen
          ? html`<ul class="members small">${queue.members.map((one) => this.#renderMember(client, one))}</ul>`
          : nothing
      }
    </li>`
  }

  #renderPause(client: Client, key: string, queue: Queue, mine: QueueMember): TemplateResult {
    const can = client.state.controls[queue.connectionId] ?? []
    const about = mine.paused
      ? html`<span class="tag pending">${t('queues.paused')}</span>`
      : html`<span class="sr">${t('queues.ready')}</span>`
    if (!can.includes('queue-pause')) return about
    const label = t(mine.paused ? 'queues.unpause' : 'queues.pause')
    return html`${about}<button class="small pause" aria-label="${label}: ${plain(queue.name)}"
      aria-busy=${this.#actions.isBusy(key)} @click=${() => this.#pause(key, queue, !mine.paused)}>${label}</button>`
  }

  #renderMember(client: Client, member: QueueMember): TemplateResult {
    const agent = client.state.agents.get(member.agentId ?? '')
    const state = agent?.state ?? stateOf(member)
    const reason = plain(member.reason)
    return html`<li class="row">${stateDot(state)}
      <span class="grow row"><bdi class="line">${agent === undefined ? member.extension : plain(agent.name)}</bdi>
        ${agent === undefined ? nothing : html`<span class="muted num">${member.extension}</span>`}</span>
      ${
        member.paused
          ? html`<bdi class="tag pending line">${reason === '' ? t('queues.paused') : t('state.with', { state: t('queues.paused'), reason })}</bdi>`
          : nothing
      }
      <bdi class="muted line about">${agent === undefined ? t(`state.${state}`) : stateText(client.state, agent)}</bdi></li>`
  }

  static override styles = [
    ...shared,
    controls,
    agentStateStyles,
    css`
      :host { display: block; }
      section { margin-block-end: 14px; padding-block-end: 8px; border-block-end: 1px solid var(--_border); }
      ul { margin-inline: -8px; }
      .queue { justify-content: start; gap: 8px; padding: 4px 8px; }
      .queue .line { flex: 0 1 auto; }
      .queue .muted { flex-shrink: 100; }
      .turn { color: var(--_muted); rotate: 180deg; }
      .turn:dir(rtl) { rotate: 0deg; }
      .queue[aria-expanded='true'] .turn { rotate: 270deg; }
      .turn svg { inline-size: 12px; block-size: 12px; }
      .pause { flex: none; min-block-size: 28px; margin-inline-end: 8px; padding-inline: 10px; }
      .members { margin-inline: 28px 8px; padding-block-end: 6px; }
      .members li { min-block-size: 24px; }
      .members .num { flex: none; }
      .members .tag { font-size: 0.917em; }
      .about { flex: 0 1 auto; max-inline-size: 50%; }
      /* That nobody waits is the first to go where there is no room. */
      @media (max-width: 420px) { .queue .muted { position: absolute; clip-path: inset(50%); } }
    `,
  ]
}

/** A member whom no agent is: what the PBX's device state says. */
function stateOf(member: QueueMember): AgentState {
  if (['in-use', 'ringing', 'on-hold', 'busy'].includes(member.state)) return 'busy'
  return member.state === 'idle' || member.state === 'free' ? 'free' : 'offline'
}

define('ringside-queues', RingsideQueues)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-queues': RingsideQueues
  }
}
