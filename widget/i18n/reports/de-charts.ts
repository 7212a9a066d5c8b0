/** German texts of the pictures of the reports. */
import type { Texts } from '../t.ts'

// A duration ends in a full stop of its own (`5 Sek.`): it does not stand at the end of a sentence.
export const deCharts: Texts = {
  'charts.nothing': 'Es gibt nichts zu zeigen.',
  'charts.same': '{value}, überall gleich.',
  'charts.highest': 'Höchster Wert: {value} ({label}).',
  'charts.highestOften': {
    one: 'Höchster Wert: {value}, {count}-mal.',
    other: 'Höchster Wert: {value}, {count}-mal.',
  },
  'charts.lowest': 'Niedrigster Wert: {value} ({label}).',
  'charts.lowestOften': {
    one: 'Niedrigster Wert: {value}, {count}-mal.',
    other: 'Niedrigster Wert: {value}, {count}-mal.',
  },
  'charts.total': '{value} insgesamt.',
  'charts.picture': '{label}. {finding}',
  'charts.of': '{series}: {finding}',
  'charts.point': '{label}: {value}',
  'charts.pointBefore': '{point} (vorher: {value})',
  'charts.rounded': '{point}, rund {value}',
  'charts.noValue': 'kein Wert',
  'charts.hourOfDay': '{day}, {hour}',
  'charts.span': '{from} bis {to}',
  'charts.weeks': 'Jeder Punkt ist der durchschnittliche Tag von 7 Tagen.',
  'charts.before': 'Zeitraum davor',
  'charts.more': {
    one: 'Und {count} weitere Zeile in der Tabelle.',
    other: 'Und {count} weitere Zeilen in der Tabelle.',
  },
}
