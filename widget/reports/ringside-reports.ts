import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { ReportView } from '../../server/http/report-schemas.ts'
import { type Client, ClientController } from '../client/client.ts'
import { Actions } from '../elements/action.ts'
import { define, later } from '../elements/define.ts'
import { LoneController, loneProperties } from '../elements/lone.ts'
import { passOn } from '../elements/route.ts'
import { enPanel } from '../i18n/en-panel.ts'
import { reportsCatalogs } from '../i18n/reports/catalogs.ts'
import { enReports } from '../i18n/reports/en-reports.ts'
import { addCatalogs, addEnglish, t } from '../i18n/t.ts'
import { Parts } from '../parts.ts'
import type { Behind } from './behind.ts'
import './behind.ts'
import { behindOf } from './behind-question.ts'
import { renderBody, withoutFuture } from './body.ts'
import {
  type Choice,
  chosenDays,
  firstChoice,
  fromAddress,
  questionOf,
  REPORTS,
  toAddress,
  troubleOf,
} from './choice.ts'
import { Compared } from './compared.ts'
import { addDays } from './days.ts'
import type { SetName } from './figures.ts'
import { renderFilters } from './filters.ts'
import { renderActs, renderNav, renderTitle, renderTrouble } from './head.ts'
import { Lists } from './lists.ts'
import { type FigureAt, rowId } from './report-table.ts'
import './report-table.ts'
import { reportsStyles, tableStyles } from './reports-styles.ts'
import { saveReport } from './save-report.ts'
import './several.ts'

addEnglish(enPanel)
addEnglish(enReports)

/**
 * The reports for supervisors: figures, pictures and tables over a period, and the cases and calls behind them.
 *
 * @attr report - the report that is shown: workload, peak-load, channels, time-metrics, sla, leaderboard or calls
 * @attr in-address - what is shown stands in the address of the document, after `#`
 */
export class RingsideReports extends LitElement {
  static override properties = {
    ...loneProperties,
    client: { attribute: false },
    report: {},
    inAddress: { attribute: 'in-address', type: Boolean },
    choice: { state: true },
    figure: { state: true },
    set: { state: true },
    behind: { state: true },
    badTz: { state: true },
  }
  declare client: Client | null
  declare report: string
  declare inAddress: boolean
  declare choice: Choice
  /** What the picture shows; empty: what the report is about. */
  declare figure: string
  /** Which figures of calls stand in the table. */
  declare set: SetName
  declare behind: Behind | null
  declare badTz: string | null
  readonly #usual = firstChoice(Intl.DateTimeFormat().resolvedOptions().timeZone)
  readonly #compared = new Compared(this)
  readonly #lists = new Lists(this)
  readonly #actions = new Actions(this)
  #isStarted = false
  /** The figure whose list is open. */
  #figure = ''

  constructor() {
    super()
    this.client = null
    this.report = ''
    this.inAddress = false
    this.choice = this.#usual
    this.figure = ''
    this.set = 'counts'
    this.behind = null
    this.badTz = null
    new LoneController(this)
    new ClientController(this)
    new Parts(this)
    later(addCatalogs(reportsCatalogs).then(() => this.requestUpdate()))
  }

  override connectedCallback(): void {
    super.connectedCallback()
    window.addEventListener('popstate', this.#onAddress)
    if (this.hasUpdated) this.requestUpdate()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    window.removeEventListener('popstate', this.#onAddress)
  }

  /** Where one was: in the list behind a figure, else at the report's title. */
  override focus(): void {
    const list = this.renderRoot.querySelector('ringside-report-behind')
    const target = list ?? this.renderRoot.querySelector<HTMLElement>('h2')
    target?.focus()
  }

  get #isAllowed(): boolean {
    const role = this.client?.state.me?.role
    return role === 'supervisor' || role === 'admin'
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('client')) {
      this.#compared.forget()
      this.behind = null
    }
    if (!this.#isAllowed || this.client === null) return
    if (!this.#isStarted) this.#start()
    else if (changed.has('report') && this.report !== this.choice.report) {
      const report = REPORTS.find((one) => one === this.report)
      if (report !== undefined) this.#choose({ report })
    }
    this.#lists.load(this.client)
    if (troubleOf(this.choice) !== null) return
    this.#compared.ask(this.client, `/api/reports/${this.choice.report}`, this.#question)
  }

  #start(): void {
    this.#isStarted = true
    const usual = {
      ...this.#usual,
      report: REPORTS.find((one) => one === this.report) ?? 'workload',
    }
    this.choice = this.inAddress ? fromAddress(inAddress(), usual) : usual
    this.report = this.choice.report
  }

  get #question(): URLSearchParams {
    return questionOf(this.choice, chosenDays(this.choice, this.client?.now() ?? 0))
  }

  #choose(change: Partial<Choice>): void {
    const before = this.choice
    const isOther = change.report !== undefined && change.report !== before.report
    // Rows that were chosen for one report are not those that another one is about.
    const choice: Choice = { ...before, ...(isOther ? { by: '' } : {}), ...change }
    this.choice = change.period === 'range' ? withDays(choice, before, this.client) : choice
    this.report = this.choice.report
    this.behind = null
    this.badTz = null
    if (isOther) this.figure = ''
    this.#actions.clear('csv')
    if (!this.inAddress || troubleOf(this.choice) !== null) return
    const address = `#${toAddress(this.choice, this.#usual)}`
    if (location.hash === address) return
    if (isOther) history.pushState(null, '', address)
    else history.replaceState(history.state, '', address)
  }

  readonly #onAddress = () => {
    if (!this.inAddress || !this.#isAllowed) return
    this.choice = fromAddress(inAddress(), this.#usual)
    this.report = this.choice.report
    this.behind = null
  }
  readonly #onClose = async () => {
    this.behind = null
    await this.updateComplete
    this.#focusFigure()
  }

  #focusFigure(): void {
    const card = [...this.renderRoot.querySelectorAll<HTMLElement>('[data-figure]')].find(
      ({ dataset }) => dataset.figure === this.#figure,
    )
    if (this.renderRoot.querySelector('ringside-report-table')?.focusFigure(this.#figure)) return
    if (card === undefined) this.renderRoot.querySelector<HTMLElement>('h2')?.focus()
    else card.focus()
  }

  #openFigure(at: FigureAt): void {
    const report = this.#compared.now.value
    const behind = report && behindOf(report, this.#question, at, this.#lists.names)
    if (behind === null) return
    const place = typeof at.of === 'string' ? at.of : rowId(at.of)
    this.#figure = `${at.isCard ? 'card' : place}:${at.key}`
    this.behind = behind
    later(this.#goToList())
  }

  async #goToList(): Promise<void> {
    await this.updateComplete
    const list = this.renderRoot.querySelector('ringside-report-behind')
    await list?.updateComplete
    list?.focus()
    list?.scrollIntoView({ block: 'nearest' })
  }

  protected override render() {
    const { client } = this
    const me = client?.state.me ?? null
    if (client === null) return nothing
    if (me === null) {
      const isRefused = client.state.connection === 'refused'
      return html`<p class="muted" role="status">${t(isRefused ? 'connection.refused' : 'loading')}</p>`
    }
    if (!this.#isAllowed) return html`<p>${t('reports.forSupervisors')}</p>`
    return html`<div class="frame">${renderNav(this.choice.report, (report) => this.#choose({ report }))}
      ${renderFilters({
        choice: this.choice,
        usual: this.#usual,
        agents: this.#lists.agentItems,
        queues: this.#lists.queues,
        badTz: this.badTz,
        onChange: (change) => this.#choose(change),
        onBadTz: (text) => {
          this.badTz = text
        },
        onQueues: () => this.#lists.loadQueues(client, this.#question),
      })}
      ${this.#renderReport(client)}</div>`
  }

  #renderReport(client: Client): TemplateResult {
    const { value, error, isSlow } = this.#compared.now
    // Of another report nothing stays: its columns are others.
    const report = value?.report === this.choice.report ? value : null
    const onReload = () => this.#compared.now.reload()
    const acts =
      report &&
      renderActs({
        at: this.#compared.now.at,
        isLoading: isSlow,
        isSaving: this.#actions.isBusy('csv'),
        onReload,
        onSave: () =>
          this.#actions.run('csv', () => saveReport(client, report.report, this.#question)),
      })
    return html`${renderTitle(this.choice.report, report, acts)}
      ${this.#actions.error('csv')}
      ${renderTrouble(error, report !== null, onReload)}
      ${
        report === null
          ? html`<p class="muted" role="status">${isSlow ? t('loading') : ''}</p>`
          : this.#renderBody(client, report)
      }`
  }

  #renderBody(client: Client, given: ReportView): TemplateResult {
    const { behind, choice, set, figure } = this
    const now = client.now()
    const body = renderBody({
      host: this,
      report: withoutFuture(given, now),
      before: this.#compared.beforeOf(given),
      choice,
      now,
      names: this.#lists.names,
      figure,
      set,
      isSlow: this.#compared.now.isSlow,
      onFigure: (at) => this.#openFigure(at),
      onBy: (by) => this.#choose({ by }),
      onPicture: (key) => {
        this.figure = key
      },
      onSet: (one) => {
        this.set = one
      },
    })
    return html`<div class=${behind === null ? 'body' : 'body open'}>${body}
      ${
        behind === null
          ? nothing
          : html`<ringside-report-behind class="behind" .client=${client} .behind=${behind} .names=${this.#lists.names}
              @ringside-behind-close=${this.#onClose} @ringside-go=${(event: Event) => passOn(this, event)}></ringside-report-behind>`
      }</div>`
  }

  static override styles = [...tableStyles, reportsStyles]
}

/** Own days begin as those that were shown. */
function withDays(choice: Choice, before: Choice, client: Client | null): Choice {
  if (troubleOf(choice) !== 'missing' || before.period === 'range') return choice
  const { from, to } = chosenDays(before, client?.now() ?? 0)
  return { ...choice, from, to: addDays(to, -1) }
}

function inAddress(): string {
  return location.hash.slice(1)
}

define('ringside-reports', RingsideReports)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-reports': RingsideReports
  }
}
