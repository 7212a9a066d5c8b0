/** The reports in this language. */
import type { Texts } from '../t.ts'
import { ruCharts } from './ru-charts.ts'
import { ruReports } from './ru-reports.ts'
import { ruWallboard } from './ru-wallboard.ts'

export const ru: Texts = { ...ruReports, ...ruCharts, ...ruWallboard }
