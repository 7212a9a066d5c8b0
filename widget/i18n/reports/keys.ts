/** The texts of the reports, which agents never load. A part adds its own. */
import type { enReports } from './en-reports.ts'

export type ReportsKey = keyof typeof enReports
