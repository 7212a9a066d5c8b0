/** Icons of the player. */
import { svg, type TemplateResult } from 'lit'
import { frame, stroke } from '../elements/icons.ts'

const PATHS = {
  back: 'M4.500 5v5h5M5 10a8 8 0 1 1-1 4',
  forward: 'M19.500 5v5h-5M19 10a8 8 0 1 0 1 4',
  volume:
    'M4 9.500v5h3.500L12 18.500v-13L7.500 9.500ZM15.500 9a4.200 4.200 0 0 1 0 6M18 6.500a7.800 7.800 0 0 1 0 11',
  muted: 'M4 9.500v5h3.500L12 18.500v-13L7.500 9.500ZM16 9.500l5 5M21 9.500l-5 5',
  download: 'M12 4v10.500M7.500 10.500 12 15l4.500-4.500M5 19.500h14',
} as const

/** An icon of the player, drawn in lines. */
export function playerIcon(name: keyof typeof PATHS): TemplateResult {
  return frame(stroke(PATHS[name]))
}

/** Full shapes: the largest button says the most. */
export function playIcon(isPlaying: boolean): TemplateResult {
  return frame(
    isPlaying
      ? svg`<path fill="currentColor" d="M7 5.500h3.500v13H7ZM13.500 5.500H17v13h-3.500Z"></path>`
      : svg`<path fill="currentColor" d="M8 5v14l11.500-7Z"></path>`,
  )
}
