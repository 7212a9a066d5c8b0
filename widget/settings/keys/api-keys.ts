import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { InferOutput } from 'valibot'
import type { keySchema, newKeySchema } from '../../../server/http/setup-schemas.ts'
import type { Client } from '../../client/client.ts'
import { Actions } from '../../elements/action.ts'
import { define } from '../../elements/define.ts'
import { plain } from '../../format.ts'
import { fullTime, when } from '../../format-time.ts'
import { t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { type Column, empty, section, table } from '../blocks.ts'
import { confirmAction } from '../confirm.ts'
import { textField } from '../form.ts'
import { Loader } from '../loader.ts'
import { Saver } from '../saver.ts'
import { secretLine } from '../secret-line.ts'
import { settingsStyles } from '../settings-styles.ts'

type Key = InferOutput<typeof keySchema>
type Scope = Key['scopes'][number]
type NewKey = InferOutput<typeof newKeySchema>

const SCOPES: readonly Scope[] = ['read', 'users', 'cases', 'calls', 'admin']

/** Keys for other programs: what each may do, who made it, when it was last used (ADMIN-6). */
export class RingsideSettingsApiKeys extends LitElement {
  static override properties = {
    client: { attribute: false },
    name: { state: true },
    scopes: { state: true },
    made: { state: true },
  }
  declare client: Client | null
  declare name: string
  declare scopes: ReadonlySet<Scope>
  /** Just made: shown this once. */
  declare made: (NewKey & { readonly name: string }) | null
  readonly #actions = new Actions(this)
  readonly #saver = new Saver(this)
  readonly #keys = new Loader<readonly Key[]>(this, (api) => api.list('/api/keys'))

  constructor() {
    super()
    this.client = null
    this.name = ''
    this.scopes = new Set(['read'])
    this.made = null
  }

  readonly #onSubmit = async (event: Event) => {
    event.preventDefault()
    const { client, name } = this
    if (client === null) return
    const scopes = SCOPES.filter((scope) => this.scopes.has(scope))
    const made = await this.#saver.run(() =>
      adminApi(client).post<NewKey>('/api/keys', { name: name.trim(), scopes }),
    )
    if (made === undefined) return
    this.made = { ...made, name }
    this.name = ''
    this.scopes = new Set(['read'])
    this.#saver.clear()
    await this.#keys.reload()
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('#new-key')?.focus()
  }

  #toggle(scope: Scope, isChosen: boolean): void {
    const scopes = new Set(this.scopes)
    if (isChosen) scopes.add(scope)
    else scopes.delete(scope)
    this.scopes = scopes
    this.#saver.touch()
  }

  async #revoke(key: Key): Promise<void> {
    const { client } = this
    const isSure = await confirmAction(this, {
      title: t('keys.revokeTitle', { name: plain(key.name) }),
      text: t('keys.revokeText'),
      action: t('keys.revoke'),
    })
    if (!isSure || client === null) return
    await this.#actions.run('revoke', () => adminApi(client).delete(`/api/keys/${key.id}`))
    if (this.made?.id === key.id) this.made = null
    await this.#keys.reload()
  }

  protected override render() {
    return section(
      { title: t('keys.title'), text: t('keys.about') },
      html`${this.made === null ? nothing : this.#renderMade(this.made)}
        ${this.#keys.show((keys) =>
          keys.length === 0 ? empty(t('keys.none')) : table(t('keys.title'), this.#columns(), keys),
        )}
        ${this.#actions.error('revoke')}${this.#renderForm()}`,
    )
  }

  #renderMade({ key, name }: NewKey & { readonly name: string }): TemplateResult {
    const server = new URL(this.client?.api.server || location.origin, location.href).origin
    const curl = `curl -H "Authorization: Bearer ${key}" ${server}/api/users?limit=1`
    return html`<div class="note ok stack">
      <p class="strong" role="status">${t('keys.made', { name: plain(name) })}</p>
      ${secretLine({ id: 'new-key', label: t('keys.key'), secret: key })}
      <details><summary>${t('keys.try')}</summary>
        <div class="stack try"><pre tabindex="0">${curl}</pre>
        <ringside-settings-copy .text=${curl}></ringside-settings-copy></div></details>
      <button class="small start" @click=${() => {
        this.made = null
      }}>${t('keys.kept')}</button></div>`
  }

  #columns(): readonly Column<Key>[] {
    const now = this.client?.now() ?? 0
    const time = (at: string) => html`<span title=${fullTime(at)}>${when(at, now)}</span>`
    return [
      { label: t('keys.name'), cell: ({ name }) => html`<bdi>${plain(name)}</bdi>` },
      {
        label: t('keys.scopes'),
        cell: ({ scopes }) =>
          html`<span class="tags">${scopes.map((scope) => html`<span class="tag ${scope === 'admin' ? 'pending' : ''}">${t(`keys.scope.${scope}`)}</span>`)}</span>`,
      },
      {
        label: t('keys.createdBy'),
        cell: ({ createdBy, createdAt }) =>
          html`<bdi>${createdBy === null ? t('keys.byKey') : plain(createdBy.name ?? createdBy.agentId)}</bdi>
            <span class="small muted line">${time(createdAt)}</span>`,
      },
      {
        label: t('keys.lastUsed'),
        cell: ({ lastUsedAt }) =>
          lastUsedAt === null
            ? html`<span class="muted">${t('keys.neverUsed')}</span>`
            : time(lastUsedAt),
      },
      {
        label: t('keys.actions'),
        isActions: true,
        cell: (key) =>
          html`<button class="small danger" aria-label=${t('keys.revokeName', { name: plain(key.name) })}
            @click=${() => this.#revoke(key)}>${t('keys.revoke')}…</button>`,
      },
    ]
  }

  #renderForm(): TemplateResult {
    const { errors } = this.#saver
    const isDirty = this.name !== ''
    return html`<form @submit=${this.#onSubmit} novalidate>
      <h4>${t('keys.add')}</h4>
      ${textField({
        name: 'name',
        label: t('keys.name'),
        hint: t('keys.nameHint'),
        value: this.name,
        errors,
        maxLength: 200,
        onInput: (value) => {
          this.name = value
          this.#saver.touch()
        },
      })}
      <fieldset aria-describedby=${errors.scopes ? 'scopes-error' : nothing}><legend>${t('keys.scopes')}</legend>
        ${SCOPES.map((scope) => this.#renderScope(scope))}
        ${errors.scopes ? html`<p class="bad" id="scopes-error" aria-invalid="true" tabindex="-1">${t('keys.scopesMissing')}</p>` : nothing}
      </fieldset>
      ${this.#saver.bar(isDirty, null, t('keys.make'))}</form>`
  }

  #renderScope(scope: Scope): TemplateResult {
    return html`<label class="check"><input type="checkbox" name="scope" value=${scope}
      .checked=${this.scopes.has(scope)}
      @change=${(event: Event) => this.#toggle(scope, (event.target as HTMLInputElement).checked)}>
      <span>${t(`keys.scope.${scope}`)} <span class="small muted hint-line">${t(`keys.scopeHint.${scope}`)}</span></span></label>`
  }

  static override styles = [
    ...settingsStyles,
    css`
      legend { margin-block-end: var(--_1); font-weight: 500; }
      .part { display: flex; flex-direction: column; gap: var(--_3); }
      .tags { display: flex; flex-wrap: wrap; gap: var(--_1); }
      .start { align-self: start; }
      .hint-line { display: block; }
      .try pre, .note input { color: var(--_text); }
      .acts button { white-space: nowrap; }
      .try { margin-block-start: var(--_2); align-items: start; }
      .try pre { inline-size: 100%; white-space: pre-wrap; overflow-wrap: anywhere; }
      summary { cursor: pointer; min-block-size: 24px; }
      form { margin-block-start: var(--_4); }
    `,
  ]
}

define('ringside-settings-api-keys', RingsideSettingsApiKeys)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-api-keys': RingsideSettingsApiKeys
  }
}
