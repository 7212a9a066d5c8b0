/** Signs by which the lines of a picture are told apart without their colours. */
import { svg, type TemplateResult } from 'lit'

/** As many figures as one picture can show. */
export const MOST_SERIES = 4

/** Round, square, on its tip, three-cornered. */
const SHAPES = [
  'M-3.500 0a3.500 3.500 0 1 0 7 0a3.500 3.500 0 1 0 -7 0Z',
  'M-3 -3h6v6h-6Z',
  'M0 -4.500L4.500 0L0 4.500L-4.500 0Z',
  'M0 -4.500L4.500 3.500H-4.500Z',
]

/** The sign of a figure at a place. */
export function mark(series: number, x: number, y: number, name = ''): TemplateResult {
  return svg`<path class="mark c${series + 1} ${name}" d=${SHAPES[series % SHAPES.length]} transform=${`translate(${x.toFixed(1)} ${y.toFixed(1)})`}></path>`
}

/** A line through the places that have a value: where there is none, it is interrupted. */
export function lineThrough(
  values: readonly (number | null)[],
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  let isDrawing = false
  const parts = values.map((value, at) => {
    if (value === null) {
      isDrawing = false
      return ''
    }
    const command = isDrawing ? 'L' : 'M'
    isDrawing = true
    return `${command}${x(at).toFixed(1)} ${y(value).toFixed(1)}`
  })
  return parts.join('')
}

/** Has no neighbour that a line could come from: it needs its sign to be seen. */
export function isAlone(values: readonly (number | null)[], at: number): boolean {
  const has = (place: number) => (values[place] ?? null) !== null
  return has(at) && !has(at - 1) && !has(at + 1)
}
