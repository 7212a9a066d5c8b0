/** English texts of the pictures of the reports. */
export const enCharts = {
  'charts.nothing': 'There is nothing to show.',
  'charts.same': 'The same everywhere: {value}.',
  'charts.highest': 'Highest: {label}, {value}.',
  'charts.highestOften': {
    one: 'Highest: {value}, {count} time.',
    other: 'Highest: {value}, {count} times.',
  },
  'charts.lowest': 'Lowest: {label}, {value}.',
  'charts.lowestOften': {
    one: 'Lowest: {value}, {count} time.',
    other: 'Lowest: {value}, {count} times.',
  },
  'charts.total': 'Total: {value}.',
  'charts.picture': '{label}. {finding}',
  'charts.of': '{series}: {finding}',
  'charts.point': '{label}: {value}',
  'charts.pointBefore': '{point} (before: {value})',
  'charts.rounded': '{point}, about {value}',
  'charts.noValue': 'no value',
  'charts.hourOfDay': '{day}, {hour}',
  'charts.span': '{from} to {to}',
  'charts.weeks': 'Each point is the average day of 7 days.',
  'charts.before': 'Period before',
  'charts.more': { one: 'And {count} more in the table.', other: 'And {count} more in the table.' },
} as const
