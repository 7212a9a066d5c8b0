/** The general settings while they are being changed: what is typed, and what of it is sent. */
import type { InferOutput } from 'valibot'
import type { settingsSchema } from '../../../server/http/setup-schemas.ts'

export type Settings = InferOutput<typeof settingsSchema>
export type WorkingDay = Settings['workingHours']['days'][number]

export interface SettingsDraft {
  readonly country: string
  readonly claimMinutes: string
  readonly serviceLevelSeconds: string
  readonly wrapUpSeconds: string
  readonly downloadRole: Settings['downloadRole']
  readonly slaHours: string
  readonly tz: string
  /** By weekday, then by time. */
  readonly days: readonly WorkingDay[]
  readonly holidays: readonly string[]
}

export function toDraft(settings: Settings): SettingsDraft {
  const { workingHours, sla } = settings
  return {
    country: settings.country,
    claimMinutes: String(settings.claimMinutes),
    serviceLevelSeconds: String(settings.serviceLevelSeconds),
    wrapUpSeconds: String(settings.wrapUpSeconds),
    downloadRole: settings.downloadRole,
    slaHours: String(sla.resolutionSeconds / 3600),
    tz: workingHours.tz,
    days: inOrder(workingHours.days),
    holidays: [...workingHours.holidays].sort(),
  }
}

/** Hours in the order of the week. */
export function inOrder(days: readonly WorkingDay[]): readonly WorkingDay[] {
  return [...days].sort((a, b) => a.weekday - b.weekday || a.from.localeCompare(b.from))
}

/** What of the settings has been changed; what another admin changed meanwhile stays. */
export function toPatch(before: SettingsDraft, draft: SettingsDraft): Record<string, unknown> {
  const isChanged = (...keys: readonly (keyof SettingsDraft)[]) =>
    keys.some((key) => JSON.stringify(before[key]) !== JSON.stringify(draft[key]))
  const hours = toNumber(draft.slaHours)
  return {
    ...(isChanged('country') && { country: draft.country }),
    ...(isChanged('claimMinutes') && { claimMinutes: toNumber(draft.claimMinutes) }),
    ...(isChanged('serviceLevelSeconds') && {
      serviceLevelSeconds: toNumber(draft.serviceLevelSeconds),
    }),
    ...(isChanged('wrapUpSeconds') && { wrapUpSeconds: toNumber(draft.wrapUpSeconds) }),
    ...(isChanged('downloadRole') && { downloadRole: draft.downloadRole }),
    ...(isChanged('slaHours') && {
      sla: { resolutionSeconds: hours === null ? null : Math.round(hours * 3600) },
    }),
    ...(isChanged('tz', 'days', 'holidays') && {
      workingHours: { tz: draft.tz, days: draft.days, holidays: draft.holidays },
    }),
  }
}

/** Null, which the server refuses with the name of the field, where it is no number. */
function toNumber(text: string): number | null {
  return text.trim() === '' || Number.isNaN(Number(text)) ? null : Number(text)
}
