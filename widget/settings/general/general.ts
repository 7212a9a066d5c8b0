import { css, html, LitElement } from 'lit'
import type { Client } from '../../client/client.ts'
import { define } from '../../elements/define.ts'
import { enPeople } from '../../i18n/settings/en-people.ts'
import { addEnglish, t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { section } from '../blocks.ts'
import { countries, timeZones } from '../connections/places.ts'
import { selectField, textField } from '../form.ts'
import { Loader } from '../loader.ts'
import { pageProperties, type SettingsPage } from '../page.ts'
import { Saver } from '../saver.ts'
import { settingsStyles } from '../settings-styles.ts'
import { type Settings, type SettingsDraft, toDraft, toPatch } from './settings-draft.ts'
import { renderDays, renderHolidays } from './working-hours.ts'

addEnglish(enPeople)

const SECONDS = {
  claimMinutes: { min: 1, max: 1440 },
  serviceLevelSeconds: { min: 1, max: 86_400 },
  wrapUpSeconds: { min: 0, max: 3600 },
} as const
const ROLES = ['agent', 'supervisor', 'admin'] as const

/** Country, times and working hours. */
export class RingsideSettingsGeneral extends LitElement implements SettingsPage {
  static override properties = { ...pageProperties, draft: { state: true } }
  declare client: Client | null
  declare path: readonly string[]
  /** What is being typed; null: as it is saved. */
  declare draft: SettingsDraft | null
  readonly #settings = new Loader<Settings>(this, (api) => api.get('/api/settings'))
  readonly #saver = new Saver(this)

  constructor() {
    super()
    this.client = null
    this.path = []
    this.draft = null
  }

  get hasUnsaved(): boolean {
    const { value } = this.#settings
    if (value === undefined || this.draft === null) return false
    return Object.keys(toPatch(toDraft(value), this.draft)).length > 0
  }

  #change(part: Partial<SettingsDraft>): void {
    const { value } = this.#settings
    if (value === undefined) return
    this.draft = { ...(this.draft ?? toDraft(value)), ...part }
    this.#saver.touch()
  }

  readonly #onReset = () => {
    this.draft = null
    this.#saver.clear()
  }

  readonly #onSubmit = async (event: Event) => {
    event.preventDefault()
    const { client, draft } = this
    const { value } = this.#settings
    if (client === null || value === undefined) return
    const patch = draft === null ? {} : toPatch(toDraft(value), draft)
    const saved = await this.#saver.run(() =>
      adminApi(client).patch<Settings>('/api/settings', patch),
    )
    if (saved === undefined) return
    this.#settings.value = saved
    // What was typed while it was being saved is still to be saved.
    if (this.draft === draft) this.draft = null
  }

  protected override render() {
    return this.#settings.show((settings) => this.#renderForm(this.draft ?? toDraft(settings)))
  }

  #renderForm(draft: SettingsDraft) {
    const { errors } = this.#saver
    return html`<form novalidate @submit=${this.#onSubmit}>
      ${section(
        { title: t('general.calls') },
        html`<div class="columns">
        ${selectField({
          name: 'country',
          label: t('general.country'),
          hint: t('general.countryHint'),
          errors,
          value: draft.country,
          choices: countries().map(([value, label]) => ({ value, label })),
          onChange: (country) => this.#change({ country }),
        })}
        ${(['claimMinutes', 'serviceLevelSeconds', 'wrapUpSeconds'] as const).map((name) =>
          textField({
            name,
            label: t(`general.${name}`),
            hint: t(`general.${name}Hint`),
            errors,
            type: 'number',
            ...SECONDS[name],
            value: draft[name],
            onInput: (value) => this.#change({ [name]: value }),
          }),
        )}
        ${textField({
          name: 'sla.resolutionSeconds',
          label: t('general.slaHours'),
          hint: t('general.slaHoursHint'),
          errors,
          type: 'number',
          min: 0,
          value: draft.slaHours,
          onInput: (slaHours) => this.#change({ slaHours }),
        })}
        ${selectField({
          name: 'downloadRole',
          label: t('general.downloadRole'),
          hint: t('general.downloadRoleHint'),
          errors,
          value: draft.downloadRole,
          choices: ROLES.map((value) => ({ value, label: t(`general.download.${value}`) })),
          onChange: (role) => this.#change({ downloadRole: role as (typeof ROLES)[number] }),
        })}</div>`,
      )}
      ${this.#renderHours(draft)}
      ${this.#saver.bar(this.hasUnsaved, this.#onReset)}
    </form>`
  }

  #renderHours(draft: SettingsDraft) {
    const { errors } = this.#saver
    return html`${section(
      { title: t('general.hours'), text: t('general.hoursAbout') },
      html`${selectField({
        name: 'workingHours.tz',
        label: t('general.timeZone'),
        errors,
        value: draft.tz,
        choices: timeZones(draft.tz).map((value) => ({ value, label: value.replaceAll('_', ' ') })),
        onChange: (tz) => this.#change({ tz }),
      })}
      ${renderDays(draft.days, errors, (days) => this.#change({ days }))}`,
    )}
    ${section(
      { title: t('general.holidays'), text: t('general.holidaysAbout') },
      renderHolidays(draft.holidays, errors, (holidays) => this.#change({ holidays })),
    )}`
  }

  static override styles = [
    ...settingsStyles,
    css`
      .week { display: flex; flex-direction: column; max-inline-size: 34em; }
      .day { display: grid; grid-template-columns: 8em minmax(0, 1fr) auto; gap: var(--_2); align-items: start; padding-block: var(--_1); }
      .day > .strong, .day .muted { padding-block: 6px; font-weight: 500; }
      .day .muted { font-weight: 400; }
      .hours input { inline-size: 8.5em; }
      .add input { inline-size: 11em; }
      .holidays { display: flex; flex-wrap: wrap; gap: var(--_2); }
      .holidays li { padding-inline-start: var(--_3); border-radius: 999px; background: var(--_surface); }
      @container page (max-width: 30em) {
        .day { grid-template-columns: minmax(0, 1fr) auto; }
        .day .stack { grid-area: 2 / 1 / auto / span 2; }
        .hours input { inline-size: 100%; min-inline-size: 0; }
      }
    `,
  ]
}

define('ringside-settings-general', RingsideSettingsGeneral)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-general': RingsideSettingsGeneral
  }
}
