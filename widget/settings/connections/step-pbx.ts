import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { define } from '../../elements/define.ts'
import { t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { section } from '../blocks.ts'
import { checkField, selectField, textField } from '../form.ts'
import { Saver } from '../saver.ts'
import { settingsStyles } from '../settings-styles.ts'
import { type Connection, pathOf } from './contract.ts'
import { changesOf, type Draft, PBX_PARTS, type Timeout } from './draft.ts'
import { renderPhrases } from './phrases.ts'
import { countries, timeIn, timeZones } from './places.ts'
import { type StepElement, startStep, stepProperties } from './step.ts'

const TIMEOUTS: readonly Timeout[] = ['ringingSeconds', 'queueSeconds', 'answeredSeconds']

/** What the PBX is called, and where its numbers and clock belong. */
export class RingsideConnectionPbx extends LitElement implements StepElement {
  static override properties = stepProperties
  declare client: StepElement['client']
  declare connection: StepElement['connection']
  declare draft: StepElement['draft']
  declare agents: StepElement['agents']
  declare isGuided: boolean
  declare onDraft: StepElement['onDraft']
  declare onSaved: StepElement['onSaved']
  declare onNext: StepElement['onNext']
  readonly #saver = new Saver(this)

  constructor() {
    super()
    startStep(this)
  }

  #change(change: Partial<Draft>): void {
    if (this.draft === null) return
    this.#saver.touch()
    this.onDraft({ ...this.draft, ...change })
  }

  readonly #onSubmit = async (event: Event) => {
    event.preventDefault()
    const { client, draft, connection } = this
    if (client === null || draft === null) return
    const body = changesOf(draft, connection, PBX_PARTS)
    const isNew = connection === null
    if (body === null) {
      this.onNext?.()
      return
    }
    const api = adminApi(client)
    const saved = await this.#saver.run(() =>
      connection === null
        ? api.post<Connection>('/api/connections', body)
        : api.patch<Connection>(pathOf(connection.id), body),
    )
    if (saved === undefined) return
    this.onSaved(saved, PBX_PARTS)
    if (isNew || this.isGuided) this.onNext?.()
  }

  protected override render() {
    const { draft, connection } = this
    if (draft === null) return nothing
    const isDirty = changesOf(draft, connection, PBX_PARTS) !== null
    const label = connection === null || this.isGuided ? t('conn.saveNext') : t('settings.save')
    return html`<form novalidate @submit=${this.#onSubmit}>
      ${section({ title: t('conn.step.pbx'), text: t('conn.pbxText') }, this.#renderBasics(draft))}
      ${connection === null ? nothing : this.#renderMore(draft)}
      ${this.#saver.bar(isDirty, null, label)}</form>`
  }

  #renderBasics(draft: Draft): TemplateResult {
    const { errors } = this.#saver
    const now = this.client?.now() ?? 0
    return html`<div class="columns">
      ${textField({ name: 'name', label: t('conn.name'), hint: t('conn.nameHint'), placeholder: t('conn.nameExample'), value: draft.name, maxLength: 200, errors, onInput: (name) => this.#change({ name }) })}
      ${selectField({
        name: 'country',
        label: t('conn.country'),
        hint: t('conn.countryHint'),
        value: draft.country,
        errors,
        choices: [
          ...(draft.country === '' ? [{ value: '', label: t('conn.choose') }] : []),
          ...countries().map(([value, label]) => ({ value, label })),
        ],
        onChange: (country) => this.#change({ country }),
      })}
      ${selectField({
        name: 'timeZone',
        label: t('conn.timeZone'),
        hint: t('conn.timeZoneHint', { time: timeIn(draft.timeZone, now) }),
        value: draft.timeZone,
        errors,
        choices: timeZones(draft.timeZone).map((value) => ({
          value,
          label: value.replaceAll('_', ' '),
        })),
        onChange: (timeZone) => this.#change({ timeZone }),
      })}</div>`
  }

  #renderMore(draft: Draft): TemplateResult {
    const { errors } = this.#saver
    const seconds = (key: Timeout) =>
      textField({
        name: `timeouts.${key}`,
        label: t(`conn.timeout.${key}`),
        type: 'number',
        min: 1,
        value: draft.timeouts[key],
        errors,
        onInput: (text) => this.#change({ timeouts: { ...draft.timeouts, [key]: text } }),
      })
    const hasError = Object.keys(errors).some((path) => /^(timeouts|phrases)/.test(path))
    return html`<details class="more" ?open=${hasError}><summary>${t('conn.more')}</summary>
      <div class="stack wide">
      ${checkField({ name: 'recordings', label: t('conn.recordings'), isChecked: draft.recordings, errors, onChange: (recordings) => this.#change({ recordings }) })}
      ${checkField({ name: 'internalCalls', label: t('conn.internalCalls'), hint: t('conn.internalCallsHint'), isChecked: draft.internalCalls, errors, onChange: (internalCalls) => this.#change({ internalCalls }) })}
      <fieldset class="stack"><legend class="strong">${t('conn.timeouts')}</legend>
        <p class="about small">${t('conn.timeoutsHint')}</p>
        <div class="columns">${TIMEOUTS.map(seconds)}</div></fieldset>
      ${renderPhrases(draft.phrases, errors, (phrases) => this.#change({ phrases }))}</div></details>`
  }

  static override styles = [
    ...settingsStyles,
    css`
      .wide { gap: var(--_4); padding-block-start: var(--_3); }
      summary { min-block-size: 24px; cursor: pointer; font-weight: 500; }
      .phrase { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) auto; gap: var(--_2); align-items: center; max-inline-size: 44em; }
    `,
  ]
}

define('ringside-connection-pbx', RingsideConnectionPbx)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-connection-pbx': RingsideConnectionPbx
  }
}
