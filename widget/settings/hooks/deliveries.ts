import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { Client } from '../../client/client.ts'
import { Actions } from '../../elements/action.ts'
import { define } from '../../elements/define.ts'
import { fullTime, when } from '../../format-time.ts'
import { t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { type Column, empty, section, table } from '../blocks.ts'
import { Poll } from '../connections/poll.ts'
import { selectField } from '../form.ts'
import { Loader } from '../loader.ts'
import type { Delivery, List } from './contract.ts'
import { hookStyles } from './hook-styles.ts'
import { answerText, deliveryState, eventText } from './words.ts'

const FILTERS = ['all', 'pending', 'delivered', 'failed'] as const
type Filter = (typeof FILTERS)[number]

const LOOK_EVERY_MS = 2000
const PAGE = 50

/** What was sent to one webhook and what came of it, live (ADMIN-6). */
export class RingsideSettingsDeliveries extends LitElement {
  static override properties = {
    client: { attribute: false },
    hookId: { attribute: false },
    filter: { state: true },
    older: { state: true },
  }
  declare client: Client | null
  declare hookId: string
  declare filter: Filter
  /** Pages after the first, which is looked at again and again. */
  declare older: List<Delivery> | null
  readonly #actions = new Actions(this)
  readonly #newest = new Loader<List<Delivery>>(this, (api) => api.get(this.#address()))

  constructor() {
    super()
    this.client = null
    this.hookId = ''
    this.filter = 'all'
    this.older = null
    new Poll(this, () => this.look(), LOOK_EVERY_MS)
  }

  /** Looks for what is new. */
  async look(): Promise<void> {
    if (this.#newest.value !== undefined) await this.#newest.reload()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const isOther = changed.has('hookId') && changed.get('hookId') !== undefined
    if (!isOther && !(changed.has('filter') && changed.get('filter') !== undefined)) return
    this.older = null
    this.#newest.value = undefined
    void this.#newest.reload()
  }

  #address(cursor = ''): string {
    const state = this.filter === 'all' ? '' : `&state=${this.filter}`
    const after = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    return `/api/hooks/${this.hookId}/deliveries?limit=${PAGE}${state}${after}`
  }

  async #more(cursor: string): Promise<void> {
    const { client } = this
    if (client === null) return
    const before = this.older?.items ?? []
    const page = await this.#actions.run('more', () =>
      adminApi(client).get<List<Delivery>>(this.#address(cursor)),
    )
    if (page !== undefined) this.older = { items: [...before, ...page.items], next: page.next }
  }

  async #resend({ id }: Delivery): Promise<void> {
    const { client, hookId } = this
    if (client === null) return
    await this.#actions.run(`resend ${id}`, () =>
      adminApi(client).post(`/api/hooks/${hookId}/deliveries/${id}/resend`),
    )
    await this.look()
  }

  protected override render() {
    const filter = selectField({
      name: 'state',
      label: t('hooks.filter'),
      value: this.filter,
      choices: FILTERS.map((value) => ({ value, label: t(`hooks.filter.${value}`) })),
      onChange: (value) => {
        this.filter = FILTERS.find((one) => one === value) ?? 'all'
      },
    })
    return section(
      { title: t('hooks.log'), text: t('hooks.logAbout') },
      html`<div class="filter">${filter}</div>${this.#newest.show((page) => this.#renderLog(page))}`,
    )
  }

  #renderLog(newest: List<Delivery>): TemplateResult {
    if (newest.items.length === 0) {
      return empty(t(this.filter === 'all' ? 'hooks.logNone' : 'hooks.logNoneOfKind'))
    }
    const known = new Set(newest.items.map(({ id }) => id))
    const rest = (this.older?.items ?? []).filter(({ id }) => !known.has(id))
    const next = this.older === null ? newest.next : this.older.next
    return html`${table(t('hooks.log'), this.#columns(), [...newest.items, ...rest])}
      ${
        next === null
          ? nothing
          : html`<button class="start" aria-busy=${this.#actions.isBusy('more')} @click=${() => this.#more(next)}>${t('hooks.more')}</button>`
      }
      ${this.#actions.error('more')}`
  }

  #columns(): readonly Column<Delivery>[] {
    const now = this.client?.now() ?? 0
    const time = (at: string) => html`<span title=${fullTime(at)}>${when(at, now)}</span>`
    return [
      { label: t('hooks.log.event'), cell: ({ type }) => eventText(type) },
      { label: t('hooks.log.at'), className: 'num', cell: ({ createdAt }) => time(createdAt) },
      { label: t('hooks.log.state'), cell: (delivery) => deliveryState(delivery, now) },
      { label: t('hooks.log.answer'), cell: (delivery) => answerText(delivery) },
      {
        label: t('hooks.actions'),
        isActions: true,
        cell: (delivery) => this.#renderResend(delivery, when(delivery.createdAt, now)),
      },
    ]
  }

  #renderResend(delivery: Delivery, at: string): TemplateResult | typeof nothing {
    const { id, type, state, attempts } = delivery
    // What is in line or on its way right now needs nobody.
    if (state === 'waiting' || (state === 'pending' && attempts === 0)) return nothing
    const key = `resend ${id}`
    const action = t(state === 'pending' ? 'hooks.sendNow' : 'hooks.resend')
    return html`<button class="small" aria-busy=${this.#actions.isBusy(key)}
      aria-label=${t('hooks.resendName', { action, event: eventText(type), at })}
      @click=${() => this.#resend(delivery)}>${action}</button>${this.#actions.error(key)}`
  }

  static override styles = hookStyles
}

define('ringside-settings-deliveries', RingsideSettingsDeliveries)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-deliveries': RingsideSettingsDeliveries
  }
}
