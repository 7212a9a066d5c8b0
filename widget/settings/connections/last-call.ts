import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { CallView } from '../../../server/http/schemas.ts'
import { type Client, ClientController } from '../../client/client.ts'
import { customerOf } from '../../client/select.ts'
import { define } from '../../elements/define.ts'
import { phoneIcon } from '../../elements/icons.ts'
import { icon } from '../../elements/line-icons.ts'
import { phone, plain } from '../../format.ts'
import { clockTime } from '../../format-time.ts'
import { t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { settingsStyles } from '../settings-styles.ts'
import type { Agent, List } from './contract.ts'
import { live } from './live.ts'
import '../../elements/call-trace.ts'

type Leg = CallView['legs'][number]

/** The newest call of the PBX as it goes on: whose phone rings, and who was shown a pop-up (CALL-19). */
export class RingsideLastCall extends LitElement {
  static override properties = {
    client: { attribute: false },
    connectionId: { attribute: 'connection-id' },
    agents: { attribute: false },
    known: { state: true },
  }
  declare client: Client | null
  declare connectionId: string
  declare agents: readonly Agent[]
  /** The newest so far; the stream has what is newer. */
  declare known: CallView | null
  #loadedFor = ''

  constructor() {
    super()
    this.client = null
    this.connectionId = ''
    this.agents = []
    this.known = null
    new ClientController(this)
  }

  protected override willUpdate(): void {
    const { client, connectionId } = this
    if (client === null || connectionId === '') return
    if (this.#loadedFor !== connectionId) {
      this.#loadedFor = connectionId
      this.known = null
      void this.#load(client, connectionId)
    }
    const newest = newestOf([
      ...[...client.state.calls.values()].filter((call) => call.connectionId === connectionId),
      ...(this.known === null ? [] : [this.known]),
    ])
    if (newest !== null) this.known = client.state.calls.get(newest.id) ?? newest
  }

  async #load(client: Client, connectionId: string): Promise<void> {
    try {
      const { items } = await adminApi(client).get<List<CallView>>('/api/calls?limit=100')
      const found = newestOf(items.filter((call) => call.connectionId === connectionId))
      if (this.connectionId === connectionId && this.known === null) this.known = found
    } catch {
      // The next call comes by the stream all the same.
    }
  }

  protected override render() {
    const { client, known } = this
    if (client === null) return nothing
    if (known === null) {
      return html`<div class="wait note"><span class="pulse">${phoneIcon('incoming')}</span>
        <div><p class="strong">${t('conn.callNow')}</p><p>${t('conn.callNowText')}</p></div></div>${live('')}`
    }
    const names = this.#names(known)
    return html`${live(this.#sentence(known))}
      <div class="call"><p class="row wrap-row"><span class="sign">${phoneIcon(known.direction === 'outgoing' ? 'outgoing' : 'incoming')}</span>
          <span class="strong"><bdi>${phone(customerOf(known))}</bdi></span>
          <span class="tag">${t(`conn.call.${known.state}`)}</span>
          <time class="small muted num" datetime=${known.startedAt}>${clockTime(known.startedAt)}</time></p>
        <ul>${known.legs.map((leg) => this.#renderLeg(leg))}</ul>
        ${
          names === ''
            ? html`<p class="note warn">${t(known.legs.length === 0 ? 'conn.nobodyRang' : 'conn.nobodysPhone')}</p>`
            : html`<p class="note ok row">${icon('check')}<span>${t('conn.popupFor', { name: names })}</span></p>`
        }
        <details><summary>${t('conn.why')}</summary>
          <ringside-call-trace class="trace" .client=${client} .callId=${known.id}></ringside-call-trace></details></div>`
  }

  /** Whose phones rang, or who dialled. */
  #names({ legs, agentId }: CallView): string {
    const ids = [...legs.map((leg) => leg.agentId), agentId].filter((id) => id !== null)
    return [...new Set(ids)].map((id) => this.#nameOf(id)).join(', ')
  }

  #nameOf(id: string): string {
    return plain(this.agents.find((one) => one.id === id)?.name ?? '') || t('noName')
  }

  #renderLeg(leg: Leg): TemplateResult {
    const name = leg.agentId === null ? t('conn.legNobody') : this.#nameOf(leg.agentId)
    return html`<li class="wrap"><span class="num strong">${plain(leg.extension)}</span> ${name} · <span class="muted">${t(`conn.leg.${leg.result}`)}</span></li>`
  }

  #sentence(call: CallView): string {
    const names = this.#names(call)
    const head = `${t(`conn.call.${call.state}`)}: ${phone(customerOf(call))}.`
    return names === '' ? head : `${head} ${t('conn.popupFor', { name: names })}`
  }

  static override styles = [
    ...settingsStyles,
    css`
      .wait, .call { display: flex; gap: var(--_3); }
      .call { flex-direction: column; padding: var(--_3) var(--_4); border: 1px solid var(--_border); border-radius: var(--_radius); }
      .wrap-row { flex-wrap: wrap; }
      .sign { color: var(--_accent); }
      .pulse { flex: none; padding-block-start: 2px; color: var(--_accent); }
      .trace { display: flex; padding-block-start: var(--_3); }
      summary { min-block-size: 24px; cursor: pointer; }
    `,
  ]
}

function newestOf(calls: readonly CallView[]): CallView | null {
  return calls.reduce<CallView | null>(
    (best, call) => (best === null || call.startedAt > best.startedAt ? call : best),
    null,
  )
}

define('ringside-last-call', RingsideLastCall)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-last-call': RingsideLastCall
  }
}
