/** The reports in this language. */
import type { Texts } from '../t.ts'
import { deCharts } from './de-charts.ts'
import { deReports } from './de-reports.ts'
import { deWallboard } from './de-wallboard.ts'

export const de: Texts = { ...deReports, ...deCharts, ...deWallboard }
