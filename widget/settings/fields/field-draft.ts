/** Fields while they are being changed. */
import type { InferOutput } from 'valibot'
import type { fieldsSchema } from '../../../server/http/setup-schemas.ts'

export type FieldDefinition = InferOutput<typeof fieldsSchema>['items'][number]
export const TYPES = ['text', 'number', 'date', 'choice', 'boolean', 'link'] as const
const BUILT_IN: readonly string[] = ['name', 'email', 'company', 'phones', 'note']

export interface FieldDraft {
  readonly key: string
  readonly label: string
  readonly type: FieldDefinition['type']
  /** One to a line, as it is typed. */
  readonly options: string
  readonly inPopup: boolean
  /** Not saved yet: its key can still be changed. */
  readonly isNew: boolean
  /** The key was typed, and does not follow the label any more. */
  readonly hasOwnKey: boolean
}

export function isBuiltIn(key: string): boolean {
  return BUILT_IN.includes(key)
}

export function toDrafts(items: readonly FieldDefinition[]): readonly FieldDraft[] {
  return items.map(({ key, label, type, options, inPopup }) => ({
    key,
    label,
    type,
    options: (options ?? []).join('\n'),
    inPopup,
    isNew: false,
    hasOwnKey: true,
  }))
}

/** As they are sent: only a choice has choices. */
export function toDefinitions(drafts: readonly FieldDraft[]): readonly FieldDefinition[] {
  return drafts.map(({ key, label, type, options, inPopup }) => {
    const lines = options.split('\n').flatMap((line) => line.trim() || [])
    return { key, label: label.trim(), type, inPopup, ...(type === 'choice' && { options: lines }) }
  })
}

export const newField: FieldDraft = {
  key: '',
  label: '',
  type: 'text',
  options: '',
  inPopup: true,
  isNew: true,
  hasOwnKey: false,
}

/** `Contract no.` → `contractNo`; other scripts give a number that is free. */
export function keyOf(label: string, others: readonly string[]): string {
  const words = label.normalize('NFKD').match(/[a-zA-Z\d]+/g) ?? []
  const text = words
    .map((word, index) =>
      index === 0 ? word.toLowerCase() : `${word[0]?.toUpperCase()}${word.slice(1).toLowerCase()}`,
    )
    .join('')
    .replace(/^\d+/, '')
    .slice(0, 40)
  const base = text || 'field'
  if (text !== '' && !others.includes(text)) return text
  for (let number = 1; ; number += 1) {
    if (!others.includes(`${base}${number}`)) return `${base}${number}`
  }
}
