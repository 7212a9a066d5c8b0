import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { ColleagueView } from '../../server/http/schemas.ts'
import { type Client, ClientController } from '../client/client.ts'
import { stateDot } from '../elements/agent-state.ts'
import { define, later } from '../elements/define.ts'
import { LoneController, loneProperties } from '../elements/lone.ts'
import { duration, plain } from '../format.ts'
import { clockTime, span, when } from '../format-time.ts'
import { reportsCatalogs } from '../i18n/reports/catalogs.ts'
import { enWallboard } from '../i18n/reports/en-wallboard.ts'
import { addCatalogs, addEnglish, t } from '../i18n/t.ts'
import { AGENT_STATES, type Board, selectBoard, type WaitingIn } from './board.ts'
import { renderFigures } from './figures.ts'
import { Liveness } from './liveness.ts'
import { type Fit, Room } from './room.ts'
import { TodayFigures } from './today.ts'
import { wallboardStyles } from './wallboard-styles.ts'
import { number, secondsBetween } from './words.ts'

addEnglish(enWallboard)

/** As the styles have them. */
const PEOPLE = { rowEm: 1.7, columnEm: 13, sizes: [1.6, 1.4, 1.2, 1] }
const QUEUES = { rowEm: 1.6, columnEm: null, sizes: [1.2, 1] }

/**
 * A board for the wall of a call centre: who waits, who talks, what the agents do, how the day went. It shows no
 * names and no numbers of callers, and says so when it is not live.
 */
export class RingsideWallboard extends LitElement {
  static override properties = { ...loneProperties, client: { attribute: false } }
  declare client: Client | null
  readonly #liveness = new Liveness(this)
  readonly #today = new TodayFigures(this)
  readonly #people = new Room(this, '.people', PEOPLE)
  readonly #queues = new Room(this, '.queues', QUEUES)

  constructor() {
    super()
    this.client = null
    new LoneController(this)
    new ClientController(this)
    later(addCatalogs(reportsCatalogs).then(() => this.requestUpdate()))
  }

  get #mayLook(): boolean {
    const role = this.client?.state.me?.role
    return role === 'supervisor' || role === 'admin'
  }

  protected override willUpdate(_changed: PropertyValues<this>): void {
    const { client } = this
    if (client === null || !client.state.isReady || !this.#mayLook) return
    client.needMissed()
    if (this.#liveness.lostAt === null) this.#today.check(client.state.now)
  }

  protected override render() {
    const { client } = this
    if (client === null) return nothing
    const { state } = client
    if (state.connection === 'refused') return html`<p class="note">${t('wallboard.signedOut')}</p>`
    if (state.connection === 'blocked') return html`<p class="note">${t('connection.blocked')}</p>`
    if (state.me !== null && !this.#mayLook)
      return html`<p class="note">${t('wallboard.forSupervisors')}</p>`
    if (state.me === null || !state.isReady) return this.#renderWaiting(client)
    return this.#renderBoard(client)
  }

  #renderWaiting({ state }: Client): TemplateResult {
    const text = t(state.connection === 'waiting' ? 'connection.waiting' : 'loading')
    return html`<p class="note" role="status">${text}</p>`
  }

  #renderBoard({ state }: Client): TemplateResult {
    const { lostAt } = this.#liveness
    // What is not live any more stands still: a wait that goes on counting would be made up.
    const now = lostAt ?? state.now
    const board = selectBoard(state)
    const target = this.#today.report?.targets.serviceLevelSeconds ?? null
    return html`<div class="board ${lostAt === null ? '' : 'old'}">
      ${this.#renderHead(now)}
      ${this.#renderWaitingCalls(board.waiting, now, target)}
      ${this.#renderProgress(board.progress)}
      ${this.#renderAgents(board, now)}
      ${renderFigures(this.#today, board.owed, now)}
    </div>`
  }

  /** The time of day, and whether this is how it is now. */
  #renderHead(now: number): TemplateResult {
    const { lostAt, hasSlept } = this.#liveness
    const clock = html`<span class="clock num">${when(new Date(now).toISOString(), now)}</span>`
    if (lostAt === null)
      return html`<div class="head"><p class="live">${t('wallboard.live')}</p>${clock}</div>`
    const at = clockTime(new Date(lostAt).toISOString())
    return html`<div class="head lost" role="status">
      <p><strong class="num">${t('wallboard.notLive', { at })}</strong>
        ${t(hasSlept ? 'wallboard.slept' : 'wallboard.lost')}</p></div>`
  }

  #renderWaitingCalls(
    { count, since, queues }: Board['waiting'],
    now: number,
    target: number | null,
  ): TemplateResult {
    const waited = since === null ? 0 : secondsBetween(since, now)
    const isLate = target !== null && waited > target
    return html`<section class="tile waiting ${isLate ? 'late' : ''}" aria-labelledby="waiting">
      <h2 id="waiting">${t('wallboard.waiting')}</h2>
      <p class="big num">${number(count)}</p>
      <p class="num longest">${since === null ? nothing : t('wallboard.longest', { duration: duration(waited) })}
        ${isLate ? html`<span class="tag">${t('wallboard.overTarget', { seconds: target })}</span>` : nothing}</p>
      ${queues.length === 0 ? nothing : renderQueues(queues, this.#queues.of(queues.length), now)}
    </section>`
  }

  #renderProgress({ count, ...parts }: Board['progress']): TemplateResult {
    const said = [
      parts.incoming > 0 ? t('wallboard.talkingIncoming', { count: parts.incoming }) : '',
      parts.outgoing > 0 ? t('wallboard.talkingOutgoing', { count: parts.outgoing }) : '',
      parts.dialling > 0 ? t('wallboard.dialling', { count: parts.dialling }) : '',
      parts.onHold > 0 ? t('wallboard.onHold', { count: parts.onHold }) : '',
    ].filter(Boolean)
    return html`<section class="tile progress" aria-labelledby="progress">
      <h2 id="progress">${t('wallboard.inProgress')}</h2>
      <p class="big num">${number(count)}</p>
      <ul class="parts num">${said.map((text) => html`<li>${text}</li>`)}</ul>
    </section>`
  }

  #renderAgents({ agents, counts }: Board, now: number): TemplateResult {
    return html`<section class="tile agents" aria-labelledby="agents">
      <h2 id="agents">${t('wallboard.agents')}</h2>
      <dl class="counts">${AGENT_STATES.map(
        (state) => html`<div><dt>${stateDot(state)}${t(`state.${state}`)}</dt>
          <dd class="num">${number(counts[state])}</dd></div>`,
      )}</dl>
      ${agents.length === 0 ? html`<p>${t('wallboard.noAgents')}</p>` : renderPeople(agents, this.#people.of(agents.length), now)}
    </section>`
  }

  static override styles = wallboardStyles
}

function renderQueues(
  queues: readonly WaitingIn[],
  { shown, size }: Fit,
  now: number,
): TemplateResult {
  const more = queues.length - shown
  return html`<ul class="queues size-${size}" aria-label=${t('wallboard.queues')}>${queues
    .slice(0, shown)
    .map(
      ({ queue, count, since }) => html`<li>
        <bdi class="line grow">${queue === null ? t('wallboard.noQueue') : plain(queue)}</bdi>
        <span class="num strong">${number(count)}</span>
        <span class="num wait">${duration(secondsBetween(since, now))}</span></li>`,
    )}${more > 0 ? html`<li class="more">${t('wallboard.moreQueues', { count: more })}</li>` : nothing}</ul>`
}

function renderPeople(
  agents: readonly ColleagueView[],
  { shown, size }: Fit,
  now: number,
): TemplateResult {
  const more = agents.length - shown
  return html`<ul class="people size-${size}">${agents.slice(0, shown).map(
    ({
      name,
      state,
      since,
    }) => html`<li>${stateDot(state)}<span class="sr">${t(`state.${state}`)}</span>
      <bdi class="line grow">${plain(name)}</bdi>
      ${
        since === null || state === 'offline'
          ? nothing
          : html`<span class="num">${span(secondsBetween(Date.parse(since), now))}</span>`
      }</li>`,
  )}${more > 0 ? html`<li class="more">${t('wallboard.moreAgents', { count: more })}</li>` : nothing}</ul>`
}

define('ringside-wallboard', RingsideWallboard)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-wallboard': RingsideWallboard
  }
}
