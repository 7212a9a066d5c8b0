/** In which ways the states of the gallery are looked at, and which of them are shown in `docs/screens.md`. */

/** A few states of each kind, for views that need not be looked at in every state. */
const SOME = [
  'stack',
  'profile',
  'form',
  'casePlayer',
  'controls',
  'transfer',
  'caseList',
  'desk',
  'myState',
  'trace',
  'queues',
  'chartHeat',
  'chartTrendPointed',
  'chartBars',
  'chartColumns',
  'reportsBehind',
] as const

export interface View {
  readonly name: string
  readonly query: string
  readonly width: number
  readonly height: number
  /** Pixels of the screen to one of the page: 2 is a zoom of 200 %. */
  readonly scale?: number
  readonly isForced?: boolean
  /** Not all states. */
  readonly states?: readonly string[]
}

export const VIEWS: readonly View[] = [
  { name: 'light', query: 'theme=light', width: 900, height: 760 },
  { name: 'dark', query: 'theme=dark', width: 900, height: 760 },
  { name: 'narrow', query: 'theme=light', width: 320, height: 700 },
  { name: 'rtl', query: 'theme=light&dir=rtl&locale=ar', width: 900, height: 760 },
  { name: 'zoom', query: 'theme=light', width: 450, height: 380, scale: 2, states: SOME },
  { name: 'text', query: 'theme=light&size=28px', width: 900, height: 760, states: SOME },
  { name: 'forced', query: 'theme=light', width: 900, height: 760, isForced: true, states: SOME },
  { name: '4k', query: 'theme=light', width: 3840, height: 2160, states: SOME },
  { name: 'de', query: 'theme=light&locale=de', width: 900, height: 760, states: SOME },
  { name: 'de-narrow', query: 'theme=light&locale=de', width: 320, height: 700, states: SOME },
  { name: 'ru-narrow', query: 'theme=light&locale=ru', width: 320, height: 700, states: SOME },
]

/** A picture of several states beside one another. */
export interface Sheet {
  readonly name: string
  /** Each as `state` or `state-view`. */
  readonly states: readonly string[]
  /** As much as is of interest, from the top; all of it. */
  readonly height?: number
}

export const SHEETS: readonly Sheet[] = [
  { name: 'calls', states: ['known', 'several', 'stack'], height: 440 },
  { name: 'caller', states: ['profile', 'profileUnknown', 'search'] },
  { name: 'writing', states: ['form', 'fix', 'casePlayer'] },
  { name: 'talking', states: ['controls', 'transfer', 'keypad'], height: 480 },
  { name: 'asking', states: ['consulting', 'controlsMarks', 'controlsRefused'], height: 190 },
  { name: 'desk', states: ['desk', 'queues', 'myState'], height: 600 },
  { name: 'cases', states: ['caseList', 'caseTicketHistory', 'caseConflict'], height: 620 },
  { name: 'recording', states: ['playerStereo', 'playerParts', 'playerPauses'] },
  { name: 'trace', states: ['trace', 'traceNoCase', 'help'], height: 600 },
  { name: 'dark', states: ['stack-dark', 'profile-dark', 'caseList-dark'], height: 560 },
  { name: 'right-to-left', states: ['stack-rtl', 'profile-rtl', 'caseList-rtl'], height: 560 },
  { name: 'narrow', states: ['profile-narrow', 'form-narrow', 'controls-de-narrow'] },
  { name: 'contrast', states: ['stack-forced', 'profile-forced', 'form-forced'], height: 660 },
]
