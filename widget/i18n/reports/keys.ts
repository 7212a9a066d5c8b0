/** The texts of the reports, which agents never load. A part adds its own. */
import type { enCharts } from './en-charts.ts'
import type { enReports } from './en-reports.ts'
import type { enWallboard } from './en-wallboard.ts'

export type ReportsKey = keyof typeof enCharts | keyof typeof enReports | keyof typeof enWallboard
