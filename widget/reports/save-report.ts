/** A report as a file for spreadsheets, as the server writes it. */
import type { ReportNameView } from '../../server/http/report-schemas.ts'
import type { Client } from '../client/client.ts'
import { saveAs } from '../save-as.ts'
import { addDays } from './days.ts'

/** `question`: what the report that is shown was asked for. */
export async function saveReport(
  client: Client,
  report: ReportNameView,
  question: URLSearchParams,
): Promise<void> {
  const query = new URLSearchParams(question)
  query.set('format', 'csv')
  const text = await client.api.get<string>(`/api/reports/${report}?${query}`, { isText: true })
  const last = addDays(query.get('to') ?? '', -1)
  const name = `ringside-${report}-${query.get('from')}-${last}.csv`
  // The mark by which spreadsheets know UTF-8 is gone when an answer is read as text.
  saveAs(name, 'text/csv;charset=utf-8', `\ufeff${text.replace(/^\ufeff/, '')}`)
}
