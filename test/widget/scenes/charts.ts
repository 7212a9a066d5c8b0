/** The pictures of the reports, with plain figures. */
import { css, html, LitElement, type TemplateResult } from 'lit'
import { currentLocale } from '../../../widget/i18n/t.ts'
import type { BarValue } from '../../../widget/reports/charts/bars.ts'
import '../../../widget/reports/charts/bars.ts'
import type { ChartLabel, ChartValue } from '../../../widget/reports/charts/chart.ts'
import '../../../widget/reports/charts/distribution.ts'
import '../../../widget/reports/charts/heat-map.ts'
import '../../../widget/reports/charts/trend.ts'
import { shared } from '../../../widget/styles.ts'
import { find, type Scenes } from '../scene.ts'

/** Looks like chance, and is the same every time. */
export function numbers(count: number, most: number, seed = 7): number[] {
  let state = seed
  return [...Array(count).keys()].map(() => {
    state = (state * 1_103_515_245 + 12_345) % 0x8000_0000
    return Math.round(((state >> 8) % 1000) * (most / 1000))
  })
}

/** A week of a call centre that is open from 8 to 19, on Saturdays until noon. */
export function weekOf(most: number): number[] {
  const noise = numbers(168, most * 0.3)
  return noise.map((more, at) => {
    const [day, hour] = [Math.floor(at / 24), at % 24]
    const isOpen = day < 5 ? hour >= 8 && hour < 19 : day === 5 && hour >= 9 && hour < 12
    if (!isOpen) return hour === 22 && day === 2 ? 1 : 0
    const peak = 1 - Math.min(1, Math.abs(hour - 10.5) / 9)
    return Math.round(most * 0.7 * peak * (day === 0 ? 1 : 0.8) + more)
  })
}

/** Days from 1 March 2026 on. */
export function days(count: number): ChartLabel[] {
  const name = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(currentLocale(), { ...options, timeZone: 'UTC' })
  const [short, long] = [name({ day: 'numeric', month: 'short' }), name({ dateStyle: 'full' })]
  return [...Array(count).keys()].map((at) => {
    const day = Date.UTC(2026, 2, 1 + at)
    return { label: short.format(day), title: long.format(day) }
  })
}

const count = (value: number) => new Intl.NumberFormat(currentLocale()).format(value)
const hours = (seconds: number) =>
  new Intl.NumberFormat(currentLocale(), {
    style: 'unit',
    unit: 'hour',
    unitDisplay: 'short',
    maximumFractionDigits: 1,
  }).format(seconds / 3600)

const NAMES = ['Anna Petrova', 'Boris Klein', 'Dr. Maximiliane von und zu Wolfenbüttel-Hohenlohe']
const MORE_NAMES = ['ليلى عبد الرحمن الحسيني', 'Chidi Okafor', 'Li', 'María-José Fernández']
const NOBODY: BarValue = { label: 'Nobody', value: 31, isLast: true }
const agents = (how: number, most: number): BarValue[] =>
  numbers(how, most).map((value, at) => ({
    label: [...NAMES, ...MORE_NAMES][at] ?? `Agent ${at + 1}`,
    value,
  }))
const CHANNELS: readonly ChartValue[] = [
  { label: 'Incoming, answered, Support', value: 412 },
  { label: 'Incoming, answered, Auftragsbearbeitung und Reklamationsannahme Süd', value: 130 },
  { label: 'Incoming, missed, Support', value: 57 },
  { label: 'Outgoing, answered', value: 218 },
  { label: 'Outgoing, not answered', value: 44 },
  { label: '<img src=x onerror=alert(1)>\u202Egnp', value: 1 },
]

/** Pictures under one another, as they stand in a report. */
class ChartsScene extends LitElement {
  static override properties = { pictures: { attribute: false } }
  declare pictures: readonly TemplateResult[]

  constructor() {
    super()
    this.pictures = []
  }

  protected override render() {
    return this.pictures.map((picture) => html`<section>${picture}</section>`)
  }

  static override styles = [
    ...shared,
    css`
      :host { display: flex; flex-direction: column; gap: calc(var(--_1) * 8); }
      section { min-inline-size: 0; }
    `,
  ]
}
customElements.define('charts-scene', ChartsScene)

const shown = (make: () => readonly TemplateResult[]) => ({
  element: () => Object.assign(document.createElement('charts-scene'), { pictures: make() }),
})
const heatMap = (values: readonly (number | null)[], total: number | null = null) =>
  html`<ringside-heat-map .label=${'New and reopened cases'} .values=${values} .total=${total} .format=${count}></ringside-heat-map>`
const trend = (how: number, values: readonly (number | null)[], previous?: readonly number[]) =>
  html`<ringside-trend .label=${'New cases by day'} .places=${days(how)} .format=${count}
    .series=${[{ label: 'New cases', values, total: null, ...(previous && { previous }) }]}></ringside-trend>`
const bars = (values: readonly BarValue[], total: number | null = null) =>
  html`<ringside-bars .label=${'Closed cases by agent'} .values=${values} .total=${total} .format=${count}></ringside-bars>`
const ofDay = () =>
  weekOf(40)
    .slice(0, 24)
    .map((value, hour) => ({ label: `${hour}`, title: `${hour}:00 – ${hour + 1}:00`, value }))
const several = () => [
  { label: 'New cases', values: numbers(30, 60) },
  { label: 'Being handled', values: numbers(30, 50, 3) },
  { label: 'Closed', values: numbers(30, 40, 11) },
  { label: 'Reopened', values: numbers(30, 9, 5) },
]
const times = () => [
  {
    label: 'Resolution time',
    values: numbers(31, 90_000).map((value, at) => (at % 7 === 6 || at === 9 ? null : value)),
  },
]

export const chartsScenes: Scenes = {
  chartHeat: shown(() => [heatMap(weekOf(40), 1693)]),
  chartHeatPointed: {
    ...shown(() => [heatMap(weekOf(1_900_000))]),
    actInElement: async (scene) => (await find(scene, 'ringside-heat-map [data-at="34"]')).focus(),
  },
  chartHeatFew: shown(() => [heatMap(numbers(168, 2)), heatMap(Array(168).fill(0))]),
  chartTrend: shown(() => [trend(30, numbers(30, 60), numbers(28, 50, 3))]),
  chartTrendPointed: {
    ...shown(() => [
      html`<ringside-trend .label=${'Cases by day'} .places=${days(30)} .format=${count} .series=${several()}></ringside-trend>`,
    ]),
    actInElement: async (scene) =>
      (await find(scene, 'ringside-trend [data-at="12"][data-series="1"]')).focus(),
  },
  chartTrendGaps: shown(() => [
    html`<ringside-trend .label=${'Resolution time by day'} .unit=${'seconds'} .places=${days(31)}
      .format=${hours} .series=${times()}></ringside-trend>`,
  ]),
  chartTrendYear: shown(() => [trend(366, numbers(366, 80), numbers(366, 70, 5))]),
  chartTrendEdges: shown(() => [
    trend(1, [12]),
    trend(7, Array(7).fill(0)),
    trend(2, [9_999_999_999, 12]),
    trend(7, Array(7).fill(null)),
  ]),
  chartBars: shown(() => [bars([NOBODY, ...agents(7, 90)], 390)]),
  chartBarsMany: shown(() => [bars([NOBODY, ...agents(299, 9_000_000)])]),
  chartBarsOne: shown(() => [
    bars([{ label: 'Anna Petrova', value: 4 }]),
    bars([
      { label: 'Anna Petrova', value: 0 },
      { ...NOBODY, value: 0 },
    ]),
    bars([
      { label: 'Anna Petrova', value: null },
      { label: 'Boris Klein', value: 3 },
    ]),
  ]),
  chartShares: shown(() => [
    html`<ringside-distribution .label=${'New and reopened by channel'} .values=${CHANNELS}
      .total=${862} .format=${count}></ringside-distribution>`,
  ]),
  chartColumns: shown(() => [
    html`<ringside-distribution .label=${'New cases by hour'} .kind=${'columns'} .values=${ofDay()}
      .format=${count}></ringside-distribution>`,
  ]),
}
