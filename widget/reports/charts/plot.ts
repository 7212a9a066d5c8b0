/** The frame of a picture over places: its lines, the numbers at its side, the places below. */
import { html, svg, type TemplateResult } from 'lit'
import type { ChartLabel, Format } from './chart.ts'
import type { ChartSize } from './chart-size.ts'

/** Every n-th place has its name: steps that people count in, days as well as hours. */
const EVERY = [1, 2, 3, 4, 5, 7, 14, 28, 56, 91, 182, 364, 728]
const GAP = 8
/** Heights in times of the text's size; the styles have the first one too. */
const HEIGHT = 16
const BOTTOM = 14.2

/** Keeps the place as long as its width is not known: pictures that grow would push away what is below. */
export const EMPTY_PLOT: TemplateResult = html`<svg class="plot" aria-hidden="true"></svg>`

export interface Plot {
  readonly width: number
  /** The room of one place. */
  readonly slot: number
  /** The middle of a place, and the height of a value; in pixels. */
  readonly x: (at: number) => number
  readonly y: (value: number) => number
  /** Which place is nearest. */
  readonly placeAt: (x: number) => number
  readonly frame: TemplateResult
}

export interface PlotOptions {
  readonly size: ChartSize
  readonly places: readonly ChartLabel[]
  /** How many places the axis has; more than have names where the period before was longer. */
  readonly count: number
  readonly ticks: readonly number[]
  readonly format: Format
  /** Columns have room on both sides of their place, points have not. */
  readonly isBetween: boolean
}

/** Distances in pixels: pictures are drawn for the place that they stand in, so that their text keeps its size. */
export function plotOf(options: PlotOptions): Plot {
  const { size, places, count, ticks, format, isBetween } = options
  const { text, width } = size
  const texts = ticks.map(format)
  const start = Math.ceil(size.widest(texts)) + GAP
  const wide = size.widest(places.map(({ label }) => label))
  // The name of the last place has room too.
  const end = isBetween ? GAP : Math.max(GAP, Math.min(wide / 2, width / 8))
  const room = Math.max(1, width - start - end)
  const [top, bottom, height] = [text * 0.7, text * BOTTOM, text * HEIGHT]
  const steps = Math.max(1, isBetween ? count : count - 1)
  const slot = room / steps
  const most = ticks.at(-1) ?? 1
  // Time runs as the writing does.
  const across = (x: number) => (size.isRightToLeft ? width - x : x)
  const shift = isBetween ? slot / 2 : count === 1 ? room / 2 : 0
  const x = (at: number) => across(start + shift + at * slot)
  const y = (value: number) => bottom - (Math.min(value, most) / most) * (bottom - top)
  const placeAt = (px: number) => Math.round((across(px) - start - shift) / slot)
  const lines = ticks.map((tick, at) => {
    const level = y(tick)
    return svg`<line class=${at === 0 ? 'base' : 'tick'} x1=${across(start)} x2=${across(width)} y1=${level} y2=${level}></line>
      <text class="num" x=${across(start - GAP)} y=${level + text * 0.35} text-anchor="end">${texts[at]}</text>`
  })
  const names = namesOf(options, slot, x, wide).map(
    ({ label, at }) => svg`<text x=${x(at)} y=${height - 3} text-anchor="middle">${label}</text>`,
  )
  return { width, slot, x, y, placeAt, frame: svg`${lines}${names}` }
}

/** As many names as have room, none of them over the edge. */
function namesOf(
  { size, places }: PlotOptions,
  slot: number,
  x: (at: number) => number,
  wide: number,
): { readonly label: string; readonly at: number }[] {
  const least = (wide + size.text) / slot
  const every = EVERY.find((one) => one >= least) ?? places.length
  return places
    .map(({ label }, at) => ({ label, at }))
    .filter(({ at, label }) => {
      if (at % every !== 0) return false
      const half = size.widest([label]) / 2
      return at === 0 || (x(at) - half >= 0 && x(at) + half <= size.width)
    })
}
