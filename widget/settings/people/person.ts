import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { Client } from '../../client/client.ts'
import { Actions } from '../../elements/action.ts'
import { define } from '../../elements/define.ts'
import { plain } from '../../format.ts'
import { t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { section } from '../blocks.ts'
import { confirmAction } from '../confirm.ts'
import { selectField, textField } from '../form.ts'
import { Saver } from '../saver.ts'
import { settingsStyles } from '../settings-styles.ts'
import {
  type ConnectionName,
  EVERYWHERE,
  type OwnExtension,
  type Person,
  ROLES,
} from './people-contract.ts'
import { renderExtensions } from './person-extensions.ts'
import './sign-in-links.ts'

interface Draft {
  readonly name: string
  readonly email: string
  readonly externalId: string
  readonly role: (typeof ROLES)[number]
  readonly extensions: readonly OwnExtension[]
}

/** One person: data, role, extensions, personal links, leaving. */
export class RingsideSettingsPerson extends LitElement {
  static override properties = {
    client: { attribute: false },
    person: { attribute: false },
    people: { attribute: false },
    connections: { attribute: false },
    draft: { state: true },
  }
  declare client: Client | null
  /** Null: somebody new. */
  declare person: Person | null
  declare people: readonly Person[]
  declare connections: readonly ConnectionName[]
  declare draft: Draft
  readonly #saver = new Saver(this)
  readonly #actions = new Actions(this)

  constructor() {
    super()
    this.client = null
    this.person = null
    this.people = []
    this.connections = []
    this.draft = toDraft(null)
  }

  get hasUnsaved(): boolean {
    return JSON.stringify(this.draft) !== JSON.stringify(toDraft(this.person))
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('person')) return
    const before = changed.get('person')
    // Another person, or this one as it was saved; what is being typed about the same one stays.
    const isOther = before?.id !== this.person?.id
    if (isOther || before === undefined || !this.#isTyping(before)) {
      this.draft = toDraft(this.person)
    }
    if (isOther && before !== undefined && before !== null) this.#saver.clear()
  }

  #isTyping(before: Person | null): boolean {
    return JSON.stringify(this.draft) !== JSON.stringify(toDraft(before)) && !this.#isSaving
  }
  #isSaving = false

  #change(part: Partial<Draft>): void {
    this.draft = { ...this.draft, ...part }
    this.#saver.touch()
  }

  #tell(id: string): void {
    this.dispatchEvent(new CustomEvent('ringside-settings-changed', { detail: { id } }))
  }

  readonly #onSubmit = async (event: Event) => {
    event.preventDefault()
    const { client } = this
    if (client === null) return
    this.#isSaving = true
    const id = await this.#saver.run(() => this.#save(client))
    if (id !== undefined) this.#tell(id)
    else this.#isSaving = false
  }

  async #save(client: Client): Promise<string> {
    const { person, draft } = this
    const api = adminApi(client)
    const name = draft.name.trim()
    const email = draft.email.trim() || null
    const externalId = draft.externalId.trim() || email || name
    const facts = { name, email, externalId, role: draft.role }
    const { id } =
      person === null
        ? await api.post<{ id: string }>('/api/agents', facts)
        : await api.patch<{ id: string }>(`/api/agents/${person.id}`, facts)
    const items = draft.extensions.filter(({ extension }) => extension.trim() !== '')
    if (JSON.stringify(items) !== JSON.stringify(toDraft(person).extensions)) {
      await api.put(`/api/agents/${id}/extensions`, {
        items: items.map((one) => ({ ...one, extension: one.extension.trim() })),
      })
    }
    return id
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('person')) this.#isSaving = false
  }

  readonly #onLeave = async () => {
    const { client, person } = this
    if (client === null || person === null) return
    const isSure = await confirmAction(this, {
      title: t('people.leaveTitle', { name: plain(person.name) }),
      text: t('people.leaveText'),
      action: t('people.leaveDo'),
    })
    if (!isSure) return
    await this.#actions.run('leave', async () => {
      await adminApi(client).delete(`/api/agents/${person.id}`)
      this.#tell(person.id)
    })
  }

  readonly #onReturn = async () => {
    const { client, person } = this
    if (client === null || person === null) return
    await this.#actions.run('leave', async () => {
      await adminApi(client).patch(`/api/agents/${person.id}`, { hasLeft: false })
      this.#tell(person.id)
    })
  }

  protected override render() {
    const { person } = this
    if (person?.hasLeft) return this.#renderLeft(person)
    return html`<form novalidate @submit=${this.#onSubmit}>
        ${section({ title: person === null ? t('people.add') : plain(person.name) }, this.#renderData())}
        ${section({ title: t('people.extensions'), text: t('people.extensionsAbout') }, this.#renderExtensions())}
        ${this.#saver.bar(
          this.hasUnsaved,
          person === null ? null : () => this.#reset(),
          person === null ? t('people.create') : undefined,
        )}
      </form>
      ${person === null ? nothing : this.#renderMore(person)}`
  }

  #reset(): void {
    this.draft = toDraft(this.person)
    this.#saver.clear()
  }

  #renderData(): TemplateResult {
    const { draft } = this
    const { errors } = this.#saver
    const isOwn = this.person !== null && this.person.id === this.client?.state.me?.id
    return html`<div class="columns">
      ${textField({
        name: 'name',
        label: t('people.name'),
        errors,
        value: draft.name,
        maxLength: 200,
        onInput: (name) => this.#change({ name }),
      })}
      ${textField({
        name: 'email',
        label: t('people.email'),
        errors,
        isOptional: true,
        type: 'email',
        value: draft.email,
        onInput: (email) => this.#change({ email }),
      })}
      ${textField({
        name: 'externalId',
        label: t('people.externalId'),
        hint: t('people.externalIdHint'),
        errors,
        isOptional: this.person === null,
        isCode: true,
        value: draft.externalId,
        onInput: (externalId) => this.#change({ externalId }),
      })}
      ${selectField({
        name: 'role',
        label: t('people.role'),
        hint: isOwn
          ? t('people.own')
          : html`${t(`role.${draft.role}Hint`)} ${t('people.roleHint')}`,
        errors,
        isDisabled: isOwn,
        value: draft.role,
        choices: ROLES.map((value) => ({ value, label: t(`role.${value}`) })),
        onChange: (role) => this.#change({ role: role as Draft['role'] }),
      })}</div>`
  }

  #renderExtensions(): TemplateResult {
    const { draft, person, people, connections } = this
    const onChange = (extensions: Draft['extensions']) => this.#change({ extensions })
    const onAdd = async () => {
      const connectionId = connections[0]?.id ?? EVERYWHERE
      onChange([...draft.extensions, { connectionId, extension: '' }])
      await this.updateComplete
      this.#focus(`items.${draft.extensions.length}.extension`)
    }
    const others = people.filter((one) => one.id !== person?.id)
    const { errors } = this.#saver
    return renderExtensions(draft.extensions, { connections, others, errors, onChange, onAdd })
  }

  #focus(name: string): void {
    this.renderRoot.querySelector<HTMLElement>(`[name="${name}"]`)?.focus()
  }

  #renderMore(person: Person): TemplateResult {
    const isOwn = person.id === this.client?.state.me?.id
    return html`${section(
      { title: t('people.signIn'), text: t('people.signInAbout') },
      html`<ringside-settings-links .client=${this.client} .personId=${person.id}></ringside-settings-links>`,
    )}
    ${
      isOwn
        ? nothing
        : section(
            { title: t('people.leave'), text: t('people.leaveAbout') },
            html`<div><button class="danger" aria-busy=${this.#actions.isBusy('leave')} @click=${this.#onLeave}>${t('people.leave')}</button></div>
            ${this.#actions.error('leave')}`,
          )
    }`
  }

  #renderLeft(person: Person): TemplateResult {
    return section(
      { title: plain(person.name), text: t('people.leftAbout') },
      html`<div><button aria-busy=${this.#actions.isBusy('leave')} @click=${this.#onReturn}>${t('people.return')}</button></div>
      ${this.#actions.error('leave')}`,
    )
  }

  static override styles = [
    ...settingsStyles,
    css`
      .extension { display: flex; flex-wrap: wrap; align-items: start; gap: var(--_3); }
      .extension .field { flex: 1 1 10em; max-inline-size: 18em; }
      .extension .icon { margin-block-start: 1.8em; }
    `,
  ]
}

function toDraft(person: Person | null): Draft {
  return {
    name: person?.name ?? '',
    email: person?.email ?? '',
    externalId: person?.externalId ?? '',
    role: person?.role ?? 'agent',
    extensions: (person?.extensions ?? []).map(({ connectionId, extension }) => ({
      connectionId,
      extension,
    })),
  }
}

define('ringside-settings-person', RingsideSettingsPerson)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-person': RingsideSettingsPerson
  }
}
