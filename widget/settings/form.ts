/** Fields of a form: label, control, hint and error, told to screen readers as one. */
import { html, nothing, type TemplateResult } from 'lit'
import { t } from '../i18n/t.ts'
import type { FieldErrors } from './admin-api.ts'

export interface FieldOptions {
  /** The path by which the server names it, such as `ari.url`; once in an element. */
  readonly name: string
  readonly label: string
  readonly hint?: unknown
  readonly errors?: FieldErrors
  readonly isOptional?: boolean
  readonly isDisabled?: boolean
}

/** What a control has to have for its label, hint and error. */
export interface Wiring {
  readonly id: string
  readonly describedBy: string | typeof nothing
  readonly isInvalid: 'true' | typeof nothing
}

/** A control of any kind with its label; `textField` and the others are made of it. */
export function field(options: FieldOptions, control: (wiring: Wiring) => unknown): TemplateResult {
  const { name, label, hint, errors = {}, isOptional } = options
  const id = idOf(name)
  const error = errors[name]
  const about = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  const wiring: Wiring = {
    id,
    describedBy: about === '' ? nothing : about,
    isInvalid: error === undefined ? nothing : 'true',
  }
  return html`<div class="field">
    <label for=${id}>${label}${isOptional ? html` <span class="optional">(${t('settings.optional')})</span>` : nothing}</label>
    ${control(wiring)}
    ${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : nothing}
    ${error ? html`<p class="bad" id="${id}-error">${label}: ${error}</p>` : nothing}
  </div>`
}

type InputType = 'text' | 'password' | 'email' | 'url' | 'number' | 'date' | 'time' | 'search'

export interface TextOptions extends FieldOptions {
  readonly value: string
  readonly onInput: (value: string) => void
  readonly type?: InputType
  readonly placeholder?: string
  readonly autocomplete?: string
  readonly min?: number | string
  readonly max?: number | string
  readonly maxLength?: number
  /** Addresses, names of hosts and keys are left to right in any language. */
  readonly isCode?: boolean
}

/** One line of text, a number, a day, a time. */
export function textField(options: TextOptions): TemplateResult {
  const { type = 'text', value, onInput, isCode } = options
  return field(
    options,
    ({ id, describedBy, isInvalid }) => html`<input id=${id} name=${options.name} type=${type}
      .value=${value} ?disabled=${options.isDisabled ?? false}
      placeholder=${options.placeholder ?? nothing} autocomplete=${(options.autocomplete ?? 'off') as 'off'}
      min=${options.min ?? nothing} max=${options.max ?? nothing} maxlength=${options.maxLength ?? nothing}
      dir=${isCode ? 'ltr' : type === 'text' ? 'auto' : nothing} spellcheck=${isCode ? 'false' : nothing}
      autocapitalize=${isCode ? 'off' : nothing} class=${isCode ? 'code' : nothing}
      aria-describedby=${describedBy} aria-invalid=${isInvalid}
      @input=${(event: Event) => onInput((event.target as HTMLInputElement).value)}>`,
  )
}

export interface AreaOptions extends FieldOptions {
  readonly value: string
  readonly onInput: (value: string) => void
  readonly rows?: number
  readonly placeholder?: string
  readonly isCode?: boolean
}

/** Several lines. */
export function areaField(options: AreaOptions): TemplateResult {
  const { isCode, onInput } = options
  return field(
    options,
    ({ id, describedBy, isInvalid }) => html`<textarea id=${id} name=${options.name}
      rows=${options.rows ?? 4} .value=${options.value} placeholder=${options.placeholder ?? nothing}
      dir=${isCode ? 'ltr' : 'auto'} spellcheck=${isCode ? 'false' : nothing} class=${isCode ? 'code' : nothing}
      ?disabled=${options.isDisabled ?? false} aria-describedby=${describedBy} aria-invalid=${isInvalid}
      @input=${(event: Event) => onInput((event.target as HTMLTextAreaElement).value)}></textarea>`,
  )
}

export interface Choice {
  readonly value: string
  readonly label: string
}

export interface SelectOptions extends FieldOptions {
  readonly value: string
  readonly choices: readonly Choice[]
  readonly onChange: (value: string) => void
}

/** One of several. */
export function selectField(options: SelectOptions): TemplateResult {
  return field(
    options,
    ({ id, describedBy, isInvalid }) => html`<select id=${id} name=${options.name}
      ?disabled=${options.isDisabled ?? false} aria-describedby=${describedBy} aria-invalid=${isInvalid}
      @change=${(event: Event) => options.onChange((event.target as HTMLSelectElement).value)}>
      ${options.choices.map(
        ({ value, label }) =>
          html`<option value=${value} ?selected=${value === options.value} .selected=${value === options.value}>${label}</option>`,
      )}</select>`,
  )
}

export interface CheckOptions extends FieldOptions {
  readonly isChecked: boolean
  readonly onChange: (isChecked: boolean) => void
}

/** Yes or no: the label stands behind the box. */
export function checkField(options: CheckOptions): TemplateResult {
  const { name, label, hint, errors = {} } = options
  const id = idOf(name)
  const error = errors[name]
  const about = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return html`<div class="field">
    <label class="check"><input type="checkbox" id=${id} name=${name} .checked=${options.isChecked}
      ?disabled=${options.isDisabled ?? false} aria-describedby=${about || nothing}
      aria-invalid=${error === undefined ? nothing : 'true'}
      @change=${(event: Event) => options.onChange((event.target as HTMLInputElement).checked)}>
      <span>${label}</span></label>
    ${hint ? html`<p class="hint indent" id="${id}-hint">${hint}</p>` : nothing}
    ${error ? html`<p class="bad" id="${id}-error">${label}: ${error}</p>` : nothing}
  </div>`
}

function idOf(name: string): string {
  return `field-${name.replaceAll(/[^\w-]/g, '-')}`
}
