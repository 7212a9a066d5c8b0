/** The reports and the wallboard in this language; what is missing is English. */
import type { Texts } from '../t.ts'
import { esCharts } from './es-charts.ts'
import { esReports } from './es-reports.ts'
import { esWallboard } from './es-wallboard.ts'

export const es: Texts = { ...esReports, ...esCharts, ...esWallboard }
