import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Client } from '../../client/client.ts'
import { define } from '../../elements/define.ts'
import { plain } from '../../format.ts'
import { enPeople } from '../../i18n/settings/en-people.ts'
import { addEnglish, t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { section } from '../blocks.ts'
import { confirmAction } from '../confirm.ts'
import { areaField, checkField, selectField, textField } from '../form.ts'
import { Loader } from '../loader.ts'
import { pageProperties, type SettingsPage } from '../page.ts'
import { Saver } from '../saver.ts'
import { settingsStyles } from '../settings-styles.ts'
import {
  type FieldDefinition,
  type FieldDraft,
  isBuiltIn,
  keyOf,
  newField,
  TYPES,
  toDefinitions,
  toDrafts,
} from './field-draft.ts'
import { previewStyles, renderPreview } from './preview.ts'

addEnglish(enPeople)

interface Items<T> {
  readonly items: readonly T[]
}

/** Which data a user has, in which order, and what of it is in the pop-up (ADMIN-5). */
export class RingsideSettingsFields extends LitElement implements SettingsPage {
  static override properties = {
    ...pageProperties,
    drafts: { state: true },
    said: { state: true },
  }
  declare client: Client | null
  declare path: readonly string[]
  /** Null: as they are saved. */
  declare drafts: readonly FieldDraft[] | null
  declare said: string
  readonly #fields = new Loader<readonly FieldDefinition[]>(
    this,
    async (api) => (await api.get<Items<FieldDefinition>>('/api/fields')).items,
  )
  readonly #saver = new Saver(this)

  constructor() {
    super()
    this.client = null
    this.path = []
    this.drafts = null
    this.said = ''
  }

  get hasUnsaved(): boolean {
    const { value } = this.#fields
    if (value === undefined || this.drafts === null) return false
    return (
      JSON.stringify(toDefinitions(this.drafts)) !== JSON.stringify(toDefinitions(toDrafts(value)))
    )
  }

  get #shown(): readonly FieldDraft[] {
    return this.drafts ?? toDrafts(this.#fields.value ?? [])
  }

  #set(drafts: readonly FieldDraft[]): void {
    this.drafts = drafts
    this.#saver.touch()
  }

  #change(index: number, part: Partial<FieldDraft>): void {
    this.#set(this.#shown.map((one, at) => (at === index ? { ...one, ...part } : one)))
  }

  #rename(index: number, label: string): void {
    const one = this.#shown[index]
    const others = this.#shown.filter((_one, at) => at !== index).map(({ key }) => key)
    const key = one?.isNew && !one.hasOwnKey ? { key: keyOf(label, others) } : {}
    this.#change(index, { label, ...key })
  }

  async #move(index: number, step: -1 | 1): Promise<void> {
    const drafts = [...this.#shown]
    const [moved] = drafts.splice(index, 1)
    const place = index + step
    if (moved === undefined || place < 0 || place > drafts.length) return
    drafts.splice(place, 0, moved)
    const active = this.renderRoot.querySelector<HTMLElement>(':focus')
    const name = active?.getAttribute('name')?.replace(`items.${index}.`, `items.${place}.`)
    const button = active?.dataset.move
    this.#set(drafts)
    this.said = t('fields.moved', {
      label: plain(moved.label),
      place: place + 1,
      count: drafts.length,
    })
    await this.updateComplete
    const row = this.renderRoot.querySelectorAll('.item')[place]
    const selector = name ? `[name="${name}"]` : `[data-move="${button}"]:not([disabled])`
    // At the end of the list the other arrow is left.
    const next =
      row?.querySelector<HTMLElement>(selector) ?? row?.querySelector('[data-move]:not([disabled])')
    if (next instanceof HTMLElement) next.focus()
  }

  #onKey(event: KeyboardEvent, index: number): void {
    if (!event.altKey || event.ctrlKey || event.metaKey) return
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : null
    if (step === null) return
    event.preventDefault()
    void this.#move(index, step)
  }

  async #remove(index: number): Promise<void> {
    const one = this.#shown[index]
    if (one === undefined) return
    const label = plain(one.label)
    const isSure =
      one.isNew ||
      (await confirmAction(this, {
        title: t('fields.removeTitle', { label }),
        text: t('fields.removeText', { key: one.key }),
        action: t('fields.removeDo'),
      }))
    if (isSure) this.#set(this.#shown.filter((each) => each !== one))
  }

  readonly #onAdd = async () => {
    const drafts = [
      ...this.#shown,
      {
        ...newField,
        key: keyOf(
          '',
          this.#shown.map(({ key }) => key),
        ),
      },
    ]
    this.#set(drafts)
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>(`[name="items.${drafts.length - 1}.label"]`)?.focus()
  }

  readonly #onReset = () => {
    this.drafts = null
    this.#saver.clear()
  }

  readonly #onSubmit = async (event: Event) => {
    event.preventDefault()
    const { client, drafts } = this
    if (client === null) return
    const items = toDefinitions(this.#shown)
    const saved = await this.#saver.run(() =>
      adminApi(client).put<Items<FieldDefinition>>('/api/fields', { items }),
    )
    if (saved === undefined) return
    this.#fields.value = saved.items
    if (this.drafts === drafts) this.drafts = null
  }

  protected override render() {
    return this.#fields.show(
      () => html`<p class="about">${t('fields.about')} <span class="keys">${t('fields.order')}</span></p>
        <p class="sr" role="status">${this.said}</p>
        <div class="both"><form novalidate @submit=${this.#onSubmit}>
          <ol>${repeat(
            this.#shown,
            ({ key, isNew }, index) => (isNew ? `new ${index}` : key),
            (one, index) => this.#renderItem(one, index),
          )}</ol>
          <div><button type="button" @click=${this.#onAdd}>${t('fields.add')}</button></div>
          ${this.#saver.bar(this.hasUnsaved, this.#onReset)}
        </form>
        ${section({ title: t('fields.preview'), text: t('fields.alwaysThere') }, renderPreview(this.#shown))}</div>`,
    )
  }

  #renderItem(one: FieldDraft, index: number): TemplateResult {
    const label = plain(one.label) || t('fields.new')
    const last = this.#shown.length - 1
    const move = (step: -1 | 1, at: 'up' | 'down', isOff: boolean) =>
      html`<button type="button" class="icon" data-move=${at} aria-label=${t(`fields.${at}`, { label })}
        ?disabled=${isOff} @click=${() => this.#move(index, step)}>${step < 0 ? '↑' : '↓'}</button>`
    return html`<li><div class="item" role="group" aria-label=${label} @keydown=${(event: KeyboardEvent) => this.#onKey(event, index)}>
      <div class="moves">${move(-1, 'up', index === 0)}${move(1, 'down', index === last)}</div>
      <div class="facts">${this.#renderFacts(one, index)}</div></div></li>`
  }

  #renderFacts(one: FieldDraft, index: number): TemplateResult {
    const { errors } = this.#saver
    const path = `items.${index}`
    return html`${textField({
      name: `${path}.label`,
      label: t(isBuiltIn(one.key) ? 'fields.builtIn' : 'fields.label'),
      errors,
      value: one.label,
      maxLength: 200,
      onInput: (label) => this.#rename(index, label),
    })}
    ${isBuiltIn(one.key) ? nothing : this.#renderKind(one, index)}
    ${checkField({
      name: `${path}.inPopup`,
      label: t('fields.inPopup'),
      errors,
      isChecked: one.inPopup,
      onChange: (inPopup) => this.#change(index, { inPopup }),
    })}
    ${
      one.type === 'choice'
        ? areaField({
            name: `${path}.options`,
            label: t('fields.options'),
            hint: t('fields.optionsHint'),
            errors,
            value: one.options,
            onInput: (options) => this.#change(index, { options }),
          })
        : nothing
    }
    ${
      isBuiltIn(one.key)
        ? nothing
        : html`<div class="end"><button type="button" class="quiet small" aria-label=${t('fields.remove', { label: plain(one.label) })}
          @click=${() => this.#remove(index)}>${t('fields.removeDo')}</button></div>`
    }`
  }

  #renderKind(one: FieldDraft, index: number): TemplateResult {
    const { errors } = this.#saver
    return html`${selectField({
      name: `items.${index}.type`,
      label: t('fields.type'),
      errors,
      value: one.type,
      choices: TYPES.map((value) => ({ value, label: t(`fields.type.${value}`) })),
      onChange: (type) => this.#change(index, { type: type as FieldDraft['type'] }),
    })}
    ${textField({
      name: `items.${index}.key`,
      label: t('fields.key'),
      hint: one.isNew ? t('fields.keyHint') : '',
      errors,
      isCode: true,
      isDisabled: !one.isNew,
      value: one.key,
      onInput: (key) => this.#change(index, { key, hasOwnKey: true }),
    })}`
  }

  static override styles = [
    ...settingsStyles,
    previewStyles,
    css`
      .both { display: grid; grid-template-columns: minmax(0, 1fr) min(20em, 34%); gap: calc(var(--_1) * 6); align-items: start; margin-block-start: var(--_4); }
      .both > .part { position: sticky; inset-block-start: var(--_4); margin: 0; padding: 0; border: 0; }
      ol { display: flex; flex-direction: column; gap: var(--_2); }
      .item { display: flex; gap: var(--_2); padding: var(--_3); border: 1px solid var(--_border); border-radius: var(--_radius-small); }
      .moves { display: flex; flex-direction: column; flex: none; }
      .facts { display: flex; flex: 1 1 auto; flex-wrap: wrap; gap: var(--_2) var(--_4); align-items: end; min-inline-size: 0; }
      .facts > .field { flex: 1 1 9em; }
      .facts > .field:has(.check) { flex: 0 1 auto; padding-block-end: 6px; }
      .facts > .field:has(textarea) { flex-basis: 100%; }
      .end { margin-inline-start: auto; }
      @container page (max-width: 46em) {
        .both { grid-template-columns: minmax(0, 1fr); }
        .both > .part { position: static; }
      }
      @media (pointer: coarse) { .keys { display: none; } }
    `,
  ]
}

define('ringside-settings-fields', RingsideSettingsFields)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-fields': RingsideSettingsFields
  }
}
