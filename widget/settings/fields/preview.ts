/** How a pop-up will look with these fields. */
import { css, html, type TemplateResult } from 'lit'
import { phoneIcon } from '../../elements/icons.ts'
import { plain } from '../../format.ts'
import { currentLocale, t } from '../../i18n/t.ts'
import type { FieldDraft } from './field-draft.ts'

const NUMBER = '+44 20 7946 0958'
const BUILT_IN: Readonly<Record<string, () => string>> = {
  email: () => 'maria.sokolova@northwind.example',
  company: () => t('fields.sampleCompany'),
  note: () => t('fields.sampleNote'),
}

/** The rows of a call of an imagined user. */
export function renderPreview(fields: readonly FieldDraft[]): TemplateResult {
  const rows = fields.filter(({ key, inPopup }) => inPopup && key !== 'name' && key !== 'phones')
  return html`<div class="popup"><span class="sign">${phoneIcon('incoming')}</span>
    <p class="caller"><bdi>${t('fields.sampleName')}</bdi></p>
    <p class="num"><bdi dir="ltr">${NUMBER}</bdi></p>
    ${rows.map((one) => html`<p class="muted" data-key=${one.key}><bdi class="line">${sample(one)}</bdi></p>`)}</div>`
}

function sample({ key, label, type, options }: FieldDraft): string {
  const built = BUILT_IN[key]
  if (built !== undefined) return built()
  const name = plain(label) || t('fields.new')
  switch (type) {
    case 'text':
      return name
    case 'number':
      return `${name}: ${new Intl.NumberFormat(currentLocale()).format(1234)}`
    case 'date':
      return `${name}: ${new Intl.DateTimeFormat(currentLocale(), { dateStyle: 'medium' }).format(0)}`
    case 'choice':
      return options.split('\n').find((line) => line.trim() !== '') ?? name
    case 'boolean':
      return `${name}: ${t('yes')}`
    case 'link':
      return 'https://crm.example.com/users/77'
  }
}

export const previewStyles = css`
  .popup {
    padding: var(--_3) var(--_4); border: 1px solid var(--_border); border-radius: var(--_radius);
    background: var(--_background); box-shadow: var(--_shadow);
  }
  .sign { color: var(--_green); }
  .caller { font-size: var(--_name); font-weight: 600; line-height: 1.35; }
`
