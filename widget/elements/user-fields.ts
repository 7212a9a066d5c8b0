import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { UserPatch, UserView } from '../../server/http/schemas.ts'
import { type Client, ClientController } from '../client/client.ts'
import { patchUser } from '../client/requests.ts'
import { selectFields } from '../client/select.ts'
import type { FieldView } from '../client/state.ts'
import { fieldText, phone } from '../format.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import { callButton, callError } from './call-button.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'
import { icon } from './line-icons.ts'

type BuiltIn = 'name' | 'email' | 'company' | 'phones' | 'note'
/** Longer values scroll, and can be reached by keyboard to do so. */
const LONG = 120
const BUILT_IN: readonly string[] = ['name', 'email', 'company', 'phones', 'note']

/** The data of a user, each value edited where it stands (POP-5). */
export class RingsideUserFields extends LitElement {
  static override properties = {
    client: { attribute: false },
    user: { attribute: false },
    editing: { state: true },
  }
  declare client: Client | null
  declare user: UserView | null
  /** The key of the field being edited. */
  declare editing: string | null
  readonly #actions = new Actions(this)

  constructor() {
    super()
    this.client = null
    this.user = null
    this.editing = null
    new ClientController(this)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('user')
    if (before != null && before.id !== this.user?.id) this.editing = null
  }

  #edit(key: string): void {
    this.editing = key
    this.#actions.clear('save')
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector<HTMLElement>('[name=value]')?.focus()
    })
  }

  #stop(): void {
    const key = this.editing
    this.editing = null
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector<HTMLElement>(`[data-edit="${CSS.escape(key ?? '')}"]`)?.focus()
    })
  }

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation()
      this.#stop()
    }
    const isLong = event.target instanceof HTMLTextAreaElement
    if (event.key === 'Enter' && isLong && (event.ctrlKey || event.metaKey)) {
      event.target.form?.requestSubmit()
    }
  }

  readonly #onSubmit = async (event: SubmitEvent) => {
    event.preventDefault()
    const { client, user, editing } = this
    if (client === null || user === null || editing === null) return
    const field = selectFields(client.state).find((one) => one.key === editing)
    const control = this.renderRoot.querySelector<HTMLInputElement>('[name=value]')
    if (field === undefined || control === null) return
    const patch = toPatch(field, control)
    const saved = await this.#actions.run('save', () => patchUser(client, user.id, patch))
    if (saved !== undefined) this.#stop()
  }

  protected override render() {
    const { client, user } = this
    if (client === null || user === null) return nothing
    return html`<dl>${selectFields(client.state).map((field) => this.#renderField(user, field))}</dl>`
  }

  #renderField(user: UserView, field: FieldView): TemplateResult {
    const label = labelOf(field)
    const isEditing = this.editing === field.key
    const isName = field.key === 'name'
    return html`<div class="field ${isEditing ? 'editing' : isName ? 'heading' : ''}">
      <dt class="small muted ${isName && !isEditing ? 'sr' : ''}" id="label-${field.key}"><bdi>${label}</bdi></dt>
      <dd class="grow">${
        isEditing
          ? this.#renderEditor(user, field)
          : html`<div class="row top"><div class="grow value" role="group" aria-labelledby="label-${field.key}"
            tabindex=${fieldText(user, field.key).length > LONG ? 0 : nothing}>${this.#renderValue(user, field)}</div>
            <button class="icon edit" data-edit=${field.key} aria-label=${t('user.edit', { field: label })}
              title=${t('user.edit', { field: label })} @click=${() => this.#edit(field.key)}>${icon('edit')}</button></div>`
      }</dd>
    </div>`
  }

  #renderValue(user: UserView, field: FieldView): TemplateResult {
    const { client } = this
    if (field.key !== 'phones' || user.phones.length === 0 || client === null) {
      return renderValue(user, field)
    }
    return html`<ul class="phones">${user.phones.map((one) => {
      const button = callButton(client, this.#actions, one)
      return html`<li>${button === nothing ? html`<bdi class="num">${phone(one)}</bdi>` : button}
        ${callError(this.#actions, one)}</li>`
    })}</ul>`
  }

  #renderEditor(user: UserView, field: FieldView): TemplateResult {
    const isBusy = this.#actions.isBusy('save')
    return html`<form class="stack" @submit=${this.#onSubmit} @keydown=${this.#onKey}>
      ${renderControl(user, field)}
      ${field.key === 'phones' ? html`<p class="small muted">${t('user.phonesHint')}</p>` : nothing}
      <div class="row">
        <button class="primary" aria-busy=${isBusy}>${t('save')}</button>
        <button type="button" class="quiet" @click=${() => this.#stop()}>${t('cancel')}</button>
      </div>
      ${this.#actions.error('save')}
    </form>`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: block; }
      .field { display: grid; grid-template-columns: 5.2em minmax(0, 1fr); gap: 6px; align-items: start; }
      .field.editing { grid-template-columns: minmax(0, 1fr); gap: 2px; margin-block: 6px; }
      .field.heading { display: block; font-size: var(--_title); font-weight: 600; margin-block-end: var(--_1); }
      .field.heading bdi {
        display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden;
      }
      dt { padding-block: 5px; overflow-wrap: anywhere; }
      .value { padding-block: 4px; white-space: pre-wrap; max-block-size: 9em; overflow: auto; }
      .value a { display: inline-flex; min-block-size: 24px; }
      .phones { white-space: normal; }
      .phones .button {
        min-block-size: 26px; padding: 0; border: 0; background: none; color: var(--_accent); font-weight: 400;
      }
      .phones .button:hover { text-decoration: underline; }
      .phones svg { inline-size: var(--_size); block-size: var(--_size); }
      .top { align-items: start; gap: 4px; }
      .edit { min-block-size: 28px; min-inline-size: 24px; color: var(--_muted); opacity: 0.75; }
      .edit svg { inline-size: var(--_size); block-size: var(--_size); }
      .field:hover .edit, .edit:focus-visible { opacity: 1; }
    `,
  ]
}

/** The field's name: the built-in ones in the agent's language. */
function labelOf(field: FieldView): string {
  return BUILT_IN.includes(field.key) ? t(`user.${field.key as BuiltIn}`) : field.label || field.key
}

function renderValue(user: UserView, field: FieldView): TemplateResult {
  const value = fieldText(user, field.key)
  if (value === '') return html`<span class="muted" aria-hidden="true">${t('empty')}</span>`
  const isLink = field.type === 'link' && /^https?:\/\//i.test(value)
  if (isLink)
    return html`<a href=${value} target="_blank" rel="noopener noreferrer"><bdi>${value}</bdi></a>`
  return html`<bdi>${value}</bdi>`
}

function renderControl(user: UserView, field: FieldView): TemplateResult {
  const label = `label-${field.key}`
  const value = fieldText(user, field.key)
  if (field.key === 'phones' || field.key === 'note') {
    const text = field.key === 'note' ? user.note : user.phones.map(phone).join('\n')
    return html`<textarea name="value" rows="4" aria-labelledby=${label} .value=${text}></textarea>`
  }
  if (field.type === 'boolean') {
    const isOn = user.fields[field.key] === true
    return html`<select name="value" aria-labelledby=${label}>
      <option value="true" ?selected=${isOn}>${t('yes')}</option>
      <option value="false" ?selected=${!isOn}>${t('no')}</option></select>`
  }
  if (field.type === 'choice') {
    return html`<select name="value" aria-labelledby=${label}><option value=""></option>
      ${(field.options ?? []).map((one) => html`<option ?selected=${one === value}>${one}</option>`)}</select>`
  }
  const types: Record<string, string> = { number: 'number', date: 'date', link: 'url' }
  const type = field.key === 'email' ? 'email' : (types[field.type] ?? 'text')
  return html`<input name="value" type=${type} aria-labelledby=${label} autocomplete="off" dir="auto"
    step="any" ?required=${field.key === 'name'} .value=${value}>`
}

function toPatch(field: FieldView, control: HTMLInputElement): UserPatch {
  const text = control.value.trim()
  switch (field.key) {
    case 'name':
      return { name: text }
    case 'note':
      return { note: text }
    case 'email':
      return { email: text === '' ? null : text }
    case 'company':
      return { company: text === '' ? null : text }
    case 'phones':
      return {
        phones: text
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean),
      }
  }
  return { fields: { [field.key]: toFieldValue(field, text) } }
}

function toFieldValue(field: FieldView, text: string): unknown {
  if (field.type === 'boolean') return text === 'true'
  if (text === '') return null
  return field.type === 'number' ? Number(text) : text
}

define('ringside-user-fields', RingsideUserFields)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-user-fields': RingsideUserFields
  }
}
