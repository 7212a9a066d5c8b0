/** Spanish texts of the pictures of the reports. */
import type { Texts } from '../t.ts'

export const esCharts: Texts = {
  'charts.nothing': 'No hay nada que mostrar.',
  'charts.same': 'Igual en todas partes: {value}.',
  'charts.highest': 'Máximo: {label}, {value}.',
  'charts.highestOften': {
    one: 'Máximo: {value}, {count} vez.',
    many: 'Máximo: {value}, {count} de veces.',
    other: 'Máximo: {value}, {count} veces.',
  },
  'charts.lowest': 'Mínimo: {label}, {value}.',
  'charts.lowestOften': {
    one: 'Mínimo: {value}, {count} vez.',
    many: 'Mínimo: {value}, {count} de veces.',
    other: 'Mínimo: {value}, {count} veces.',
  },
  'charts.total': 'Total: {value}.',
  'charts.picture': '{label}. {finding}',
  'charts.of': '{series}: {finding}',
  'charts.point': '{label}: {value}',
  'charts.pointBefore': '{point} (antes: {value})',
  'charts.rounded': '{point}, unos {value}',
  'charts.noValue': 'sin valor',
  'charts.hourOfDay': '{day}, {hour}',
  'charts.span': 'del {from} al {to}',
  'charts.weeks': 'Cada punto es la media diaria de 7 días.',
  'charts.before': 'Periodo anterior',
  'charts.more': {
    one: 'Y {count} más en la tabla.',
    many: 'Y {count} más en la tabla.',
    other: 'Y {count} más en la tabla.',
  },
}
