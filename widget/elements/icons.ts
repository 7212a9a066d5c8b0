/** Icons as templates: drawn with the text's colour, hidden from screen readers. */
import { html, svg, type TemplateResult } from 'lit'

const HANDSET =
  'M6.4 3.6 8.6 3c.6-.2 1.2.1 1.4.7l1.2 3c.2.5.1 1-.3 1.4L9.4 9.5a12 12 0 0 0 5.1 5.1l1.4-1.5c.4-.4.9-.5 1.4-.3l3 1.2c.6.2.9.8.7 1.4l-.6 2.2c-.2.9-1 1.5-1.9 1.5C11.300 19.100 4.900 12.700 4.900 5.500c0-.9.6-1.700 1.500-1.900Z'

const PATHS = {
  incoming: 'M21 3l-6.500 6.500M14.500 4.500v5h5',
  outgoing: 'M14.500 9.500 21 3M16 3h5v5',
  close: 'M6 6l12 12M18 6 6 18',
} as const

export const stroke = (path: string) => svg`<path d=${path} fill="none" stroke="currentColor"
  stroke-width="2" stroke-linecap="round" stroke-linejoin="round"></path>`
export const handset = svg`<path d=${HANDSET} fill="currentColor"></path>`
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

/** A handset with a stroke through it: nobody answered. */
export function missedIcon(): TemplateResult {
  return frame([handset, stroke('M15.500 3.500l5.500 5.500M21 3.500 15.500 9')])
}

/** Three dots: what is needed rarely. */
export function moreIcon(): TemplateResult {
  return frame(svg`<g fill="currentColor"><circle cx="5.500" cy="12" r="1.800"></circle>
    <circle cx="12" cy="12" r="1.800"></circle><circle cx="18.500" cy="12" r="1.800"></circle></g>`)
}
