/** Icons as templates: drawn with the text's colour, hidden from screen readers. */
import { html, svg, type TemplateResult } from 'lit'

const HANDSET =
  'M6.4 3.6 8.6 3c.6-.2 1.2.1 1.4.7l1.2 3c.2.5.1 1-.3 1.4L9.4 9.5a12 12 0 0 0 5.1 5.1l1.4-1.5c.4-.4.9-.5 1.4-.3l3 1.2c.6.2.9.8.7 1.4l-.6 2.2c-.2.9-1 1.5-1.9 1.5C11.300 19.100 4.900 12.700 4.900 5.500c0-.9.6-1.700 1.500-1.900Z'

const PATHS = {
  incoming: 'M21 3l-6.500 6.500M14.500 4.500v5h5',
  outgoing: 'M14.500 9.500 21 3M16 3h5v5',
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M14.500 5.500 8 12l6.500 6.500',
  search: 'M15.500 15.500 20 20M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13Z',
  plus: 'M12 5v14M5 12h14',
  check: 'M5 12.500 10 17.500 19.500 7',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.500 20c.6-3.600 3.700-5.500 7.500-5.500s6.900 1.900 7.500 5.500',
  link: 'M10 14a4 4 0 0 0 6 .4l3-3a4.200 4.200 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6-.4l-3 3a4.200 4.200 0 0 0 6 6l1-1',
  note: 'M5 4.500h14v11l-4 4H5ZM8.500 9h7M8.500 12.500h5',
  edit: 'M5 19l.8-3.600L16 5.200a1.600 1.600 0 0 1 2.300 0l.5.5a1.600 1.600 0 0 1 0 2.300L8.600 18.200Z',
} as const

export const stroke = (path: string) => svg`<path d=${path} fill="none" stroke="currentColor"
  stroke-width="2" stroke-linecap="round" stroke-linejoin="round"></path>`
export const handset = svg`<path d=${HANDSET} fill="currentColor"></path>`
export const frame = (content: unknown) =>
  html`<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">${content}</svg>`

export type IconName = keyof typeof PATHS

/** A line icon. */
export function icon(name: Exclude<IconName, 'incoming' | 'outgoing'>): TemplateResult {
  return frame(stroke(PATHS[name]))
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
