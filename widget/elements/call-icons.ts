/** Icons of what can be done about a call. */
import { svg, type TemplateResult } from 'lit'
import type { ActionName } from '../client/control-types.ts'
import { frame, handset, stroke } from './icons.ts'

const MICROPHONE =
  'M12 4a2.500 2.500 0 0 1 2.500 2.500v5a2.500 2.500 0 0 1-5 0v-5A2.500 2.500 0 0 1 12 4ZM6 11.500a6 6 0 0 0 12 0M12 17.500V20.500'
const RING = 'M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17Z'
const KEYS = [5.5, 12, 18.5].flatMap((y) => [5.5, 12, 18.5].map((x) => ({ x, y })))
const PATHS: Partial<Record<ActionName, string>> = {
  hold: 'M9 5.500v13M15 5.500v13',
  resume: 'M8 5.500 18.500 12 8 18.500Z',
  mute: MICROPHONE,
  unmute: `${MICROPHONE}M4.500 4.500l15 15`,
  transfer: 'M14.500 5.500 20 11l-5.500 5.500M19.500 11H9.500a5 5 0 0 0-5 5v2.500',
  'transfer-complete': 'M5 12.500 10 17.500 19.500 7',
  'transfer-cancel': 'M9.500 5.500 4 11l5.500 5.500M4.500 11h10a5 5 0 0 1 5 5v2.500',
  park: 'M5 4.500h14v15H5ZM10 16.500v-9h2.700a2.600 2.600 0 0 1 0 5.200H10',
  'pause-recording': `${RING}M10 9.500v5M14 9.500v5`,
}

/** What happened, one after the other. */
export function traceIcon(): TemplateResult {
  return frame(stroke('M9.500 6H20M9.500 12H20M9.500 18H20M4.500 6h.01M4.500 12h.01M4.500 18h.01'))
}

/** The icon of an action; turned round where writing goes from right to left. */
export function actionIcon(name: ActionName): TemplateResult {
  const path = PATHS[name]
  if (path !== undefined) return frame(stroke(path))
  if (name === 'dtmf') {
    return frame(
      svg`<g fill="currentColor">${KEYS.map(({ x, y }) => svg`<circle cx=${x} cy=${y} r="2"></circle>`)}</g>`,
    )
  }
  if (name === 'resume-recording') {
    return frame([stroke(RING), svg`<circle cx="12" cy="12" r="4" fill="currentColor"></circle>`])
  }
  if (name === 'hangup') return frame(svg`<g transform="rotate(135 12 12)">${handset}</g>`)
  return frame(handset)
}
