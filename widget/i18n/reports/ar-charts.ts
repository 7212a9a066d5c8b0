/** Arabic texts of the pictures of the reports. */
import type { Texts } from '../t.ts'

export const arCharts: Texts = {
  'charts.nothing': 'لا شيء لعرضه.',
  'charts.same': 'القيمة نفسها في كل مكان: {value}.',
  'charts.highest': 'الأعلى: {label}، {value}.',
  'charts.highestOften': {
    zero: 'الأعلى: {value}، {count} مرة.',
    one: 'الأعلى: {value}، مرة واحدة.',
    two: 'الأعلى: {value}، مرتين.',
    few: 'الأعلى: {value}، {count} مرات.',
    many: 'الأعلى: {value}، {count} مرة.',
    other: 'الأعلى: {value}، {count} مرة.',
  },
  'charts.lowest': 'الأدنى: {label}، {value}.',
  'charts.lowestOften': {
    zero: 'الأدنى: {value}، {count} مرة.',
    one: 'الأدنى: {value}، مرة واحدة.',
    two: 'الأدنى: {value}، مرتين.',
    few: 'الأدنى: {value}، {count} مرات.',
    many: 'الأدنى: {value}، {count} مرة.',
    other: 'الأدنى: {value}، {count} مرة.',
  },
  'charts.total': 'الإجمالي: {value}.',
  'charts.picture': '{label}. {finding}',
  'charts.of': '{series}: {finding}',
  'charts.point': '{label}: {value}',
  'charts.pointBefore': '{point} (سابقًا: {value})',
  'charts.rounded': '{point}، نحو {value}',
  'charts.noValue': 'بلا قيمة',
  'charts.hourOfDay': '{day}، {hour}',
  'charts.span': 'من {from} إلى {to}',
  'charts.weeks': 'كل نقطة هي المتوسط اليومي لسبعة أيام.',
  'charts.before': 'الفترة السابقة',
  'charts.more': {
    zero: 'كل شيء معروض هنا.',
    one: 'وواحد آخر في الجدول.',
    two: 'واثنان آخران في الجدول.',
    few: 'و{count} أخرى في الجدول.',
    many: 'و{count} أخرى في الجدول.',
    other: 'و{count} أخرى في الجدول.',
  },
}
