/** Line icons of the panel. */
import type { TemplateResult } from 'lit'
import { frame, stroke } from './icons.ts'

const PATHS = {
  back: 'M14.500 5.500 8 12l6.500 6.500',
  right: 'M9.5 5.5 16 12l-6.500 6.500',
  search: 'M15.500 15.500 20 20M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13Z',
  plus: 'M12 5v14M5 12h14',
  check: 'M5 12.500 10 17.500 19.500 7',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.500 20c.6-3.600 3.700-5.500 7.500-5.500s6.900 1.900 7.500 5.500',
  link: 'M10 14a4 4 0 0 0 6 .4l3-3a4.200 4.200 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6-.4l-3 3a4.200 4.200 0 0 0 6 6l1-1',
  note: 'M5 4.500h14v11l-4 4H5ZM8.500 9h7M8.500 12.500h5',
  edit: 'M5 19l.8-3.600L16 5.200a1.600 1.600 0 0 1 2.300 0l.5.5a1.600 1.600 0 0 1 0 2.300L8.600 18.200Z',
} as const

/** A line icon. */
export function icon(name: keyof typeof PATHS): TemplateResult {
  return frame(stroke(PATHS[name]))
}
