import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { type Client, ClientController } from '../../client/client.ts'
import { agentStateStyles, stateDot, stateText } from '../../elements/agent-state.ts'
import { define } from '../../elements/define.ts'
import { plain } from '../../format.ts'
import { enPeople } from '../../i18n/settings/en-people.ts'
import { addEnglish, t } from '../../i18n/t.ts'
import { empty, table } from '../blocks.ts'
import { checkField } from '../form.ts'
import { Loader } from '../loader.ts'
import { goTo, pageProperties, type SettingsPage } from '../page.ts'
import { settingsStyles } from '../settings-styles.ts'
import './person.ts'
import { type ConnectionName, connectionName, type Person } from './people-contract.ts'

addEnglish(enPeople)

interface People {
  readonly people: readonly Person[]
  readonly connections: readonly ConnectionName[]
}

/** Agents, their roles, extensions and personal links (ADMIN-6). */
export class RingsideSettingsPeople extends LitElement implements SettingsPage {
  static override properties = {
    ...pageProperties,
    text: { state: true },
    hasLeft: { state: true },
  }
  declare client: Client | null
  declare path: readonly string[]
  declare text: string
  /** Those who have left are listed, too. */
  declare hasLeft: boolean
  readonly #loaded = new Loader<People>(this, async (api) => {
    const [people, connections] = await Promise.all([
      api.list<Person>('/api/agents', 10_000),
      api.list<ConnectionName>('/api/connections'),
    ])
    return { people, connections }
  })

  constructor() {
    super()
    this.client = null
    this.path = []
    this.text = ''
    this.hasLeft = false
    new ClientController(this)
  }

  get hasUnsaved(): boolean {
    return this.renderRoot.querySelector('ringside-settings-person')?.hasUnsaved ?? false
  }

  readonly #onChanged = async (event: CustomEvent<{ id: string }>) => {
    const isNew = this.path[0] === 'new'
    await this.#loaded.reload()
    if (isNew) goTo(this, ['people', event.detail.id], true)
  }

  protected override render() {
    return this.#loaded.show((loaded) => {
      const [id] = this.path
      return id === undefined ? this.#renderList(loaded) : this.#renderPerson(loaded, id)
    })
  }

  #renderPerson({ people, connections }: People, id: string): TemplateResult {
    const person = people.find((one) => one.id === id) ?? null
    const back = html`<p class="back"><button class="link" @click=${() => goTo(this, ['people'])}>${t('people.back')}</button></p>`
    if (person === null && id !== 'new') return html`${back}<p>${t('people.gone')}</p>`
    return html`${back}<ringside-settings-person .client=${this.client} .person=${person} .people=${people}
      .connections=${connections} @ringside-settings-changed=${this.#onChanged}></ringside-settings-person>`
  }

  #renderList({ people, connections }: People): TemplateResult {
    const left = people.filter((one) => one.hasLeft).length
    const shown = people.filter((one) => (this.hasLeft || !one.hasLeft) && isLike(one, this.text))
    const onInput = (event: Event) => {
      this.text = (event.target as HTMLInputElement).value
    }
    return html`<div class="stack">
      <p class="about">${t('people.about')}</p>
      <div class="tools"><input type="search" aria-label=${t('people.find')} placeholder=${t('people.find')}
          .value=${this.text} @input=${onInput}>
        <button class="primary" @click=${() => goTo(this, ['people', 'new'])}>${t('people.add')}</button></div>
      ${
        left === 0
          ? nothing
          : checkField({
              name: 'hasLeft',
              label: t('people.showLeft', { count: left }),
              isChecked: this.hasLeft,
              onChange: (isChecked) => {
                this.hasLeft = isChecked
              },
            })
      }
      ${shown.length > 0 ? this.#renderTable(shown, connections) : empty(t(people.length === 0 ? 'people.none' : 'people.noneFound'))}
    </div>`
  }

  #renderTable(people: readonly Person[], connections: readonly ConnectionName[]): TemplateResult {
    return table(
      t('settings.people'),
      [
        {
          label: t('people.name'),
          cell: (
            one: Person,
          ) => html`<button class="link strong" @click=${() => goTo(this, ['people', one.id])}>
              <bdi>${plain(one.name)}</bdi></button>
            ${one.email ? html`<div class="small muted"><bdi>${plain(one.email)}</bdi></div>` : nothing}`,
        },
        { label: t('people.role'), cell: (one) => t(`role.${one.role ?? 'agent'}`) },
        { label: t('people.state'), cell: (one) => this.#renderState(one) },
        {
          label: t('people.extensions'),
          cell: (one) => this.#renderExtensions(one, connections),
        },
      ],
      people,
    )
  }

  /** As it is now: the stream tells of it. */
  #renderState(person: Person): TemplateResult {
    if (person.hasLeft) return html`<span class="tag">${t('people.left')}</span>`
    const state = this.client?.state
    const agent = state?.agents.get(person.id) ?? person
    if (state === undefined) return html``
    return html`<span class="state">${stateDot(agent.state)}${stateText(state, agent)}</span>`
  }

  #renderExtensions({ extensions }: Person, connections: readonly ConnectionName[]) {
    if (extensions.length === 0) return html`<span class="muted">${t('people.noExtension')}</span>`
    const isOne = connections.length < 2
    return html`<ul>${extensions.map(
      ({ connectionId, extension }) =>
        html`<li class="num"><bdi>${extension}</bdi>${isOne ? nothing : html` <span class="muted small"><bdi>${connectionName(connections, connectionId)}</bdi></span>`}</li>`,
    )}</ul>`
  }

  static override styles = [
    ...settingsStyles,
    agentStateStyles,
    css`
      .back { margin-block-end: var(--_3); }
      .stack { gap: var(--_3); }
      .tools { display: flex; flex-wrap: wrap; gap: var(--_2); }
      .tools input { flex: 1 1 16em; min-inline-size: 0; }
      .tools button { flex: none; }
      .state { display: inline-flex; align-items: center; gap: var(--_2); }
      tbody th .link { font-weight: 500; }
    `,
  ]
}

function isLike({ name, email, extensions, externalId }: Person, text: string): boolean {
  const numbers = extensions.map(({ extension }) => extension)
  const about = [name, email, externalId, ...numbers].join(' ').toLowerCase()
  const words = text.toLowerCase().split(/\s+/)
  return words.every((word) => about.includes(word))
}

define('ringside-settings-people', RingsideSettingsPeople)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-people': RingsideSettingsPeople
  }
}
