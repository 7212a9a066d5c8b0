/** The extensions of a person, over all connections, as rows of a form. */
import { html, type TemplateResult } from 'lit'
import { closeIcon } from '../../elements/icons.ts'
import { plain } from '../../format.ts'
import { t } from '../../i18n/t.ts'
import type { FieldErrors } from '../admin-api.ts'
import { selectField, textField } from '../form.ts'
import {
  type ConnectionName,
  connectionName,
  EVERYWHERE,
  type OwnExtension,
  type Person,
} from './people-contract.ts'

export interface ExtensionsOptions {
  readonly connections: readonly ConnectionName[]
  /** Who may have one of them now. */
  readonly others: readonly Person[]
  readonly errors: FieldErrors
  readonly onChange: (extensions: readonly OwnExtension[]) => void
  readonly onAdd: () => void
}

/** A row for each, and a button for one more. */
export function renderExtensions(
  extensions: readonly OwnExtension[],
  { connections, others, errors, onChange, onAdd }: ExtensionsOptions,
): TemplateResult {
  const change = (index: number, part: Partial<OwnExtension>) =>
    onChange(extensions.map((one, at) => (at === index ? { ...one, ...part } : one)))
  const choices = [...connections.map(({ id }) => id), EVERYWHERE].map((value) => ({
    value,
    label: plain(connectionName(connections, value)),
  }))
  const renderRow = (one: OwnExtension, index: number): TemplateResult => {
    const owner = ownerOf(one, others)
    const remove = () => onChange(extensions.filter((_one, at) => at !== index))
    return html`<div class="extension">
      ${selectField({
        name: `items.${index}.connectionId`,
        label: t('people.connection'),
        errors,
        value: one.connectionId,
        choices,
        onChange: (connectionId) => change(index, { connectionId }),
      })}
      ${textField({
        name: `items.${index}.extension`,
        label: t('people.extension'),
        hint: owner === null ? '' : t('people.takes', { name: plain(owner.name) }),
        errors,
        isCode: true,
        value: one.extension,
        onInput: (extension) => change(index, { extension }),
      })}
      <button type="button" class="icon" aria-label=${t('people.removeExtension', { extension: one.extension })}
        @click=${remove}>${closeIcon()}</button></div>`
  }
  return html`${extensions.map(renderRow)}
    <div><button type="button" @click=${onAdd}>${t('people.addExtension')}</button></div>`
}

/** Who has this extension now, where it is somebody else. */
function ownerOf({ connectionId, extension }: OwnExtension, others: readonly Person[]) {
  const isThis = (own: OwnExtension) =>
    own.connectionId === connectionId && own.extension === extension.trim()
  return others.find((one) => one.extensions.some(isThis)) ?? null
}
