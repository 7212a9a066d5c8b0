/** Russian texts of the pictures of the reports. */
import type { Texts } from '../t.ts'

// Some durations and dates end in a full stop of their own (`3 дн.`): they do not end a sentence.
export const ruCharts: Texts = {
  'charts.nothing': 'Показывать нечего.',
  'charts.same': '{value}, везде одинаково.',
  'charts.highest': 'Максимум: {value} ({label}).',
  'charts.highestOften': {
    one: 'Максимум: {value}, {count} раз.',
    few: 'Максимум: {value}, {count} раза.',
    many: 'Максимум: {value}, {count} раз.',
    other: 'Максимум: {value}, {count} раза.',
  },
  'charts.lowest': 'Минимум: {value} ({label}).',
  'charts.lowestOften': {
    one: 'Минимум: {value}, {count} раз.',
    few: 'Минимум: {value}, {count} раза.',
    many: 'Минимум: {value}, {count} раз.',
    other: 'Минимум: {value}, {count} раза.',
  },
  'charts.total': 'Всего: {value}.',
  'charts.picture': '{label}. {finding}',
  'charts.of': '{series}: {finding}',
  'charts.point': '{label}: {value}',
  'charts.pointBefore': '{point} (раньше: {value})',
  'charts.rounded': '{point}, около {value}',
  'charts.noValue': 'нет значения',
  'charts.hourOfDay': '{day}, {hour}',
  'charts.span': '{from} — {to}',
  'charts.weeks': 'Каждая точка — средний день за 7 дней.',
  'charts.before': 'Прошлый период',
  'charts.more': {
    one: 'И ещё {count} строка в таблице.',
    few: 'И ещё {count} строки в таблице.',
    many: 'И ещё {count} строк в таблице.',
    other: 'И ещё {count} строки в таблице.',
  },
}
