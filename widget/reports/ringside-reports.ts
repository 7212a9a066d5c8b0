import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { ReportNameView, ReportRowView, ReportView } from '../../server/http/report-schemas.ts'
import { type Client, ClientController } from '../client/client.ts'
import { Actions, errorText } from '../elements/action.ts'
import { define, later } from '../elements/define.ts'
import { LoneController, loneProperties } from '../elements/lone.ts'
import { passOn } from '../elements/route.ts'
import { clockTime } from '../format-time.ts'
import { enPanel } from '../i18n/en-panel.ts'
import { reportsCatalogs } from '../i18n/reports/catalogs.ts'
import { enReports } from '../i18n/reports/en-reports.ts'
import { addCatalogs, addEnglish, t } from '../i18n/t.ts'
import { Parts } from '../parts.ts'
import { saveAs } from '../save-as.ts'
import type { Behind } from './behind.ts'
import './behind.ts'
import { renderCards } from './cards.ts'
import {
  type Choice,
  chosenDays,
  firstChoice,
  fromAddress,
  GROUPINGS,
  narrow,
  questionOf,
  REPORTS,
  toAddress,
  troubleOf,
} from './choice.ts'
import { addDays, dayIn } from './days.ts'
import { columnsOf, SETS, type SetName, USUAL_ROWS } from './figures.ts'
import { renderFilters, select } from './filters.ts'
import { Lists } from './lists.ts'
import { ReportSource } from './report-source.ts'
import { type FigureAt, type FigureEvent, rowId } from './report-table.ts'
import './report-table.ts'
import { reportsStyles, tableStyles } from './reports-styles.ts'
import './several.ts'
import { figureName, groupText, periodText } from './words.ts'

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
    set: { state: true },
    behind: { state: true },
    badTz: { state: true },
  }
  declare client: Client | null
  declare report: string
  declare inAddress: boolean
  declare choice: Choice
  /** Which figures of calls stand in the table. */
  declare set: SetName
  declare behind: Behind | null
  declare badTz: string | null
  readonly #usual = firstChoice(Intl.DateTimeFormat().resolvedOptions().timeZone)
  readonly #source = new ReportSource(this)
  readonly #lists = new Lists(this)
  readonly #actions = new Actions(this)
  #isStarted = false
  #wasAway = false
  /** The figure whose list is open. */
  #figure = ''

  constructor() {
    super()
    this.client = null
    this.report = ''
    this.inAddress = false
    this.choice = this.#usual
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
      this.#source.forget()
      this.behind = null
    }
    if (!this.#isAllowed || this.client === null) return
    if (!this.#isStarted) this.#start()
    else if (changed.has('report') && this.report !== this.choice.report) {
      const report = REPORTS.find((one) => one === this.report)
      if (report !== undefined) this.#choose({ report })
    }
    this.#lists.load(this.client)
    if (troubleOf(this.choice) === null) this.#source.ask(this.client, this.#path())
    this.#followConnection(this.client)
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

  /** What could not be had while the server was away is asked for once it is back. */
  #followConnection({ state }: Client): void {
    const isAway = state.connection !== 'open'
    if (this.#wasAway && !isAway && this.#source.error !== undefined) this.#source.reload()
    this.#wasAway = isAway
  }

  get #question(): URLSearchParams {
    return questionOf(this.choice, chosenDays(this.choice, this.client?.now() ?? 0))
  }

  #path(): string {
    return `/api/reports/${this.choice.report}?${this.#question}`
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
  readonly #onFigure = ({ detail }: FigureEvent) => this.#openFigure(detail)
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

  #openFigure({ key, of }: FigureAt): void {
    const report = this.#source.value
    if (report === null) return
    const query = this.#question
    if (of === 'previous') {
      query.set('from', report.previousFrom)
      query.set('to', report.previousTo)
    }
    const own = typeof of === 'string' ? query : narrow(query, of)
    if (own === null) return
    own.set('figure', key)
    own.set('by', report.by)
    const whole = of === 'previous' ? t('reports.previous') : t('reports.total')
    this.#figure = `${typeof of === 'string' ? of : rowId(of)}:${key}`
    this.behind = {
      path: `/api/reports/${report.report}/behind?${own}`,
      figure: figureName(key),
      of: typeof of === 'string' ? whole : groupText(of, report.by, this.#lists.names),
      isComputed: report.columns.some((one) => one.key === key && one.unit !== 'count'),
      tz: report.tz,
    }
    later(this.#goToList())
  }

  async #goToList(): Promise<void> {
    await this.updateComplete
    const list = this.renderRoot.querySelector('ringside-report-behind')
    await list?.updateComplete
    list?.focus()
    list?.scrollIntoView({ block: 'nearest' })
  }

  async #save(report: ReportView): Promise<void> {
    const { client } = this
    if (client === null) return
    await this.#actions.run('csv', async () => {
      const query = new URLSearchParams(this.#question)
      query.set('format', 'csv')
      const text = await client.api.get<string>(`/api/reports/${report.report}?${query}`, {
        isText: true,
      })
      const last = addDays(query.get('to') ?? '', -1)
      const name = `ringside-${report.report}-${query.get('from')}-${last}.csv`
      // The mark by which spreadsheets know UTF-8 is gone when an answer is read as text.
      saveAs(name, 'text/csv;charset=utf-8', `\ufeff${text.replace(/^\ufeff/, '')}`)
    })
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
    return html`<div class="frame">${this.#renderNav()}
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
      ${this.#renderReport()}</div>`
  }

  #renderNav(): TemplateResult {
    const { report } = this.choice
    const link = (
      one: ReportNameView,
    ) => html`<li><button class="quiet" aria-current=${one === report ? 'page' : nothing}
      @click=${() => this.#choose({ report: one })}>${t(`reports.${one}`)}</button></li>`
    // The options are the reports.
    const onChange = ({ target }: Event) =>
      this.#choose({ report: (target as HTMLSelectElement).value as ReportNameView })
    return html`<nav aria-label=${t('reports.title')}><ul>${REPORTS.map(link)}</ul>
      <select aria-label=${t('reports.report')} @change=${onChange}>${REPORTS.map(
        (one) =>
          html`<option value=${one} .selected=${one === report}>${t(`reports.${one}`)}</option>`,
      )}</select></nav>`
  }

  #renderReport(): TemplateResult {
    const { value, error } = this.#source
    // Of another report nothing stays: its columns are others.
    const report = value?.report === this.choice.report ? value : null
    return html`<div class="head"><div><h2 tabindex="-1">${t(`reports.${this.choice.report}`)}</h2>
        <p class="muted">${t(`reports.about.${this.choice.report}`)}</p></div>
        ${report === null ? nothing : this.#renderActs(report)}</div>
      ${this.#actions.error('csv')}
      ${error === undefined ? nothing : this.#renderTrouble(error, report !== null)}
      ${report === null ? this.#renderWaiting() : this.#renderBody(report)}`
  }

  #renderActs(report: ReportView): TemplateResult {
    const time = clockTime(new Date(this.#source.at).toISOString())
    return html`<div class="acts"><span class="small muted num">${t('reports.asOf', { time })}</span>
      <button aria-busy=${this.#source.isSlow} @click=${() => this.#source.reload()}>${t('reports.refresh')}</button>
      <button aria-busy=${this.#actions.isBusy('csv')} @click=${() => this.#save(report)}>${t('reports.csv')}</button></div>`
  }

  #renderTrouble(error: unknown, hasOld: boolean): TemplateResult {
    return html`<div class="note error row" role="alert"><span class="grow">${errorText(error)} ${hasOld ? t('reports.oldFigures') : ''}</span>
      <button class="small" @click=${() => this.#source.reload()}>${t('retry')}</button></div>`
  }

  #renderWaiting(): TemplateResult {
    return html`<p class="muted" role="status">${this.#source.isSlow ? t('loading') : ''}</p>`
  }

  #renderBody(given: ReportView): TemplateResult {
    const now = this.client?.now() ?? 0
    const report = withoutFuture(given, now)
    const { behind } = this
    const period = periodText(report.from, report.to, report.tz)
    const before = periodText(report.previousFrom, report.previousTo, report.tz)
    return html`<div class=${behind === null ? 'body' : 'body open'}>
      <div class="main" aria-busy=${this.#source.isSlow}>
        <p><span class="strong">${period}</span> <span class="muted">${t('reports.compared', { period: before })}
          ${Date.parse(report.to) > now ? t('reports.notOver') : ''}</span></p>
        ${isEmpty(report) ? html`<p class="note">${t(this.#hasFilters ? 'reports.emptyFilters' : 'reports.empty')}</p>` : nothing}
        ${renderCards(report, (key) => this.#openFigure({ key, of: 'total' }))}
        ${this.#renderTable(report, period)}
      </div>
      ${
        behind === null
          ? nothing
          : html`<ringside-report-behind class="behind" .client=${this.client} .behind=${behind} .names=${this.#lists.names}
              @ringside-behind-close=${this.#onClose} @ringside-go=${(event: Event) => passOn(this, event)}></ringside-report-behind>`
      }</div>`
  }

  get #hasFilters(): boolean {
    const { agentIds, queues, direction } = this.choice
    return agentIds.length + queues.length > 0 || direction !== ''
  }

  #renderTable(report: ReportView, period: string): TemplateResult {
    const columns = columnsOf(report.report, report.columns, this.set)
    const title = t(`reports.${report.report}`)
    const label = t('reports.caption', { report: title, period, tz: report.tz })
    return html`<section class="part" aria-labelledby="table-title"><div class="head"><h3 id="table-title">${t('reports.table')}</h3>
        <div class="acts">${this.#renderRowsChoice(report)}${report.report === 'calls' ? this.#renderSets() : nothing}</div></div>
      <ringside-report-table .report=${report} .columns=${columns} .names=${this.#lists.names} .label=${label}
        .canOpen=${canOpen} @ringside-figure=${this.#onFigure}></ringside-report-table>
      ${columns.every(({ adds }) => adds) ? nothing : html`<p class="small muted">${t('reports.sumNot')}</p>`}</section>`
  }

  #renderRowsChoice(report: ReportView): TemplateResult {
    const options = GROUPINGS.map((by) => [by, t(`reports.by.${by}`)] as const)
    const usual = USUAL_ROWS[report.report]
    const value = this.choice.by || usual
    return select(
      'by',
      t('reports.by'),
      value,
      options,
      (by) => this.#choose({ by: by === usual ? '' : by }),
      usual,
    )
  }

  #renderSets(): TemplateResult {
    const options = SETS.map((set) => [set, t(`reports.set.${set}`)] as const)
    const onChoose = (set: SetName) => {
      this.set = set
    }
    return select('set', t('reports.columns'), this.set, options, onChoose)
  }

  static override styles = [...tableStyles, reportsStyles]
}

/** The server can be asked for each row but those of calls inside. */
const canOpen = ({ group }: ReportRowView): boolean => group.direction !== 'internal'

/** Days that are still to come are not days on which nothing happened. */
function withoutFuture(report: ReportView, now: number): ReportView {
  if (report.by !== 'day' || Date.parse(report.to) <= now) return report
  const today = dayIn(report.tz, now)
  return { ...report, rows: report.rows.filter(({ group }) => (group.date ?? '') <= today) }
}

function isEmpty({ total }: ReportView): boolean {
  return Object.values(total).every((value) => !value)
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
