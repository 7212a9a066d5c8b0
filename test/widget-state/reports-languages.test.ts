import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { reportsCatalogs } from '../../widget/i18n/reports/catalogs.ts'
import { enCharts } from '../../widget/i18n/reports/en-charts.ts'
import { enReports } from '../../widget/i18n/reports/en-reports.ts'
import { enWallboard } from '../../widget/i18n/reports/en-wallboard.ts'
import { addCatalogs, localeNames, setLocale, type Text, t } from '../../widget/i18n/t.ts'
import { findingOf } from '../../widget/reports/charts/finding.ts'
import { changeOf, durationText } from '../../widget/reports/words.ts'
import { assertTranslated, forms } from '../support/catalogs.ts'

const ENGLISH: Readonly<Record<string, Text>> = { ...enCharts, ...enReports, ...enWallboard }
/** Words that are the same in some languages. */
const SAME = /^(charts\.total|reports\.(sla|median|groupAgent)|wallboard\.(title|live))$/
const plain = (text: string): string => text.replaceAll(/[\u2066-\u2069]/g, '')

after(() => setLocale('en'))

test('POP-12 the reports and the wallboard are there in every language of the calls', () => {
  const names = localeNames().filter((name) => name !== 'en')
  assert.deepEqual(Object.keys(reportsCatalogs).sort(), [...names].sort())
})

for (const [language, load] of Object.entries(reportsCatalogs)) {
  test(`POP-12 the reports in ${language}: every text, the same values, every plural form`, async () => {
    const catalog: Readonly<Record<string, Text>> = await load()
    assertTranslated(language, catalog, ENGLISH)
  })

  test(`POP-12 the reports in ${language}: none is still English`, async () => {
    const catalog: Readonly<Record<string, Text>> = await load()
    const words = (text: Text | undefined) =>
      forms(text ?? '')
        .join()
        .replaceAll(/\{\w+\}/g, '')
    const same = Object.entries(catalog).filter(
      ([key, text]) => /[a-z]{3}/i.test(words(text)) && words(text) === words(ENGLISH[key]),
    )
    assert.deepEqual(
      same.map(([key]) => key).filter((key) => !SAME.test(key)),
      [],
    )
  })
}

test('POP-12 what a picture shows ends in one full stop, also after short units', async () => {
  await addCatalogs(reportsCatalogs)
  const values = [
    { label: 'A', value: 3 * 86_400 },
    { label: 'B', value: 5 },
  ]
  for (const language of ['de', 'ru']) {
    await setLocale(language)
    const equal = values.map((one) => ({ ...one, value: 3 * 86_400 }))
    for (const shown of [values, equal, values.slice(0, 1)]) {
      assert.doesNotMatch(plain(findingOf(shown, durationText)), /\.\./, language)
    }
  }
})

test('POP-12 a change is said in the words and numbers of the language', async () => {
  await addCatalogs(reportsCatalogs)
  await setLocale('de')
  assert.equal(plain(changeOf(56, 50, 'count')?.sentence ?? ''), '12\u00a0% mehr als vorher (50)')
  await setLocale('ru')
  assert.equal(plain(changeOf(0.9, 0.875, 'ratio')?.text ?? ''), '+2,5 п.\u00a0п.')
  assert.equal(plain(t('wallboard.moreQueues', { count: 22 })), 'ещё 22 очереди')
  await setLocale('es')
  assert.equal(
    changeOf(30, 90, 'count')?.sentence,
    '\u206867\u00a0%\u2069 menos que antes (\u206890\u2069)',
  )
  await setLocale('ar')
  assert.equal(plain(t('charts.highestOften', { value: '7', count: 2 })), 'الأعلى: 7، مرتين.')
  // The sign and its number stay together: outside it would be carried to the other side.
  assert.equal(changeOf(0.9, 0.875, 'ratio')?.text, '\u2068+2.5\u2069 نقطة')
})
