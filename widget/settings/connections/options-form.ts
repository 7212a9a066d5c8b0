/** The options of a manager account that administrators of such integrations know (AMI-5). */
import { html, type TemplateResult } from 'lit'
import { t } from '../../i18n/t.ts'
import type { FieldErrors } from '../admin-api.ts'
import { checkField, textField } from '../form.ts'
import type { Options } from './draft.ts'

const TEXTS = [
  ['originateContext', 'from-internal'],
  ['parkingLotContext', 'parkedcalls'],
  ['queueExtensionFormat', 'Local/{0}@from-queue/n'],
  ['packetInfoConfig', 'CallerIDName, MY_VARIABLE'],
  ['filePath', ''],
] as const
const SWITCHES = [
  'traceQueuesState',
  'autoPauseOnCommutationStart',
  'asyncOriginate',
  'sendRingStartedOnRingingState',
] as const

/** One hint explains the placeholder that Asterisk people write. */
const PLACEHOLDER = { 0: '{0}' }

export function optionsForm(
  options: Options,
  errors: FieldErrors,
  onChange: (options: Options) => void,
): TemplateResult {
  return html`<div class="columns">${TEXTS.map(([key, placeholder]) =>
    textField({
      name: `options.${key}`,
      label: t(`conn.option.${key}`),
      hint: html`${t(`conn.option.${key}Hint`, PLACEHOLDER)} <code dir="ltr">${key}</code>`,
      placeholder,
      isCode: true,
      isOptional: true,
      value: options[key],
      errors,
      onInput: (value) => onChange({ ...options, [key]: value }),
    }),
  )}</div>
  ${SWITCHES.map((key) =>
    checkField({
      name: `options.${key}`,
      label: t(`conn.option.${key}`),
      hint: html`${t(`conn.option.${key}Hint`)} <code dir="ltr">${key}</code>`,
      isChecked: options[key],
      errors,
      onChange: (value) => onChange({ ...options, [key]: value }),
    }),
  )}`
}
