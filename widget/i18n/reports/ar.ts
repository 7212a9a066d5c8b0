/** The reports and the wallboard in this language; what is missing is English. */
import type { Texts } from '../t.ts'
import { arCharts } from './ar-charts.ts'
import { arReports } from './ar-reports.ts'
import { arWallboard } from './ar-wallboard.ts'

export const ar: Texts = { ...arReports, ...arCharts, ...arWallboard }
