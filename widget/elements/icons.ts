/** Icons as templates: one stroke with the text's colour, hidden from screen readers. */
import { html, svg, type TemplateResult } from 'lit'

const HANDSET =
  'M5 4h3.200a1 1 0 0 1 1 .8l.7 3a1 1 0 0 1-.3 1L7.800 10.600a13 13 0 0 0 5.600 5.600l1.800-1.800a1 1 0 0 1 1-.3l3 .7a1 1 0 0 1 .8 1V19a1.500 1.500 0 0 1-1.500 1.500A15 15 0 0 1 3.500 5.500 1.500 1.500 0 0 1 5 4Z'
const PATHS = {
  incoming: 'M20.500 3.500 14.500 9.500M14.500 5v4.500H19',
  outgoing: 'M14.500 9.500 20.500 3.500M16 3.500h4.500V8',
  close: 'M6 6l12 12M18 6 6 18',
} as const

export const stroke = (path: string) => svg`<path d=${path} fill="none" stroke="currentColor"
  stroke-width="2" stroke-linecap="round" stroke-linejoin="round"></path>`
export const handset = stroke(HANDSET)
export const frame = (content: unknown) =>
  html`<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">${content}</svg>`

/** A cross: away with it. */
export function closeIcon(): TemplateResult {
  return frame(stroke(PATHS.close))
}

/** A handset, with an arrow for the direction of a call. */
export function phoneIcon(arrow: 'incoming' | 'outgoing' | null = null): TemplateResult {
  return frame([handset, arrow === null ? null : stroke(PATHS[arrow])])
}

/** A handset with a cross: nobody answered. */
export function missedIcon(): TemplateResult {
  return frame([handset, stroke('M15.500 3.500l5 5M20.500 3.500l-5 5')])
}

/** Three dots: what is needed rarely. */
export function moreIcon(): TemplateResult {
  return frame(svg`<g fill="currentColor"><circle cx="5.500" cy="12" r="1.800"></circle>
    <circle cx="12" cy="12" r="1.800"></circle><circle cx="18.500" cy="12" r="1.800"></circle></g>`)
}
