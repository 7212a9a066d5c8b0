import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { ar } from '../../widget/i18n/ar.ts'
import { de } from '../../widget/i18n/de.ts'
import { en } from '../../widget/i18n/en.ts'
import { enAlerts } from '../../widget/i18n/en-alerts.ts'
import { enBase } from '../../widget/i18n/en-base.ts'
import { enCall } from '../../widget/i18n/en-call.ts'
import { enCases } from '../../widget/i18n/en-cases.ts'
import { enPanel } from '../../widget/i18n/en-panel.ts'
import { enPlayer } from '../../widget/i18n/en-player.ts'
import { enSignIn } from '../../widget/i18n/en-sign-in.ts'
import { enTeam } from '../../widget/i18n/en-team.ts'
import { enTrace } from '../../widget/i18n/en-trace.ts'
import { es } from '../../widget/i18n/es.ts'
import { ru } from '../../widget/i18n/ru.ts'
import {
  type Catalog,
  currentLocale,
  isRightToLeft,
  type Key,
  localeNames,
  setLocale,
  t,
} from '../../widget/i18n/t.ts'
import { forms, placeholders } from '../support/catalogs.ts'

const ENGLISH: Catalog = {
  ...en,
  ...enAlerts,
  ...enBase,
  ...enCall,
  ...enCases,
  ...enPanel,
  ...enPlayer,
  ...enSignIn,
  ...enTeam,
  ...enTrace,
}
const LANGUAGES: Readonly<Record<string, Catalog>> = { ar, de, es, ru }
const keys = Object.keys(ENGLISH) as Key[]

after(() => setLocale('en'))

test('POP-12 English, Russian, German, Spanish and a right-to-left language are there', () => {
  assert.deepEqual([...localeNames()].sort(), ['ar', 'de', 'en', 'es', 'ru'])
  assert.ok(isRightToLeft('ar-EG'))
})

for (const [language, catalog] of Object.entries(LANGUAGES)) {
  test(`POP-12 ${language} has each text once, none is empty or still English`, () => {
    assert.deepEqual(Object.keys(catalog).sort(), [...keys].sort())
    const same = keys.filter((key) => {
      const own = forms(catalog[key])
      assert.ok(
        own.every((text) => text.trim() !== ''),
        key,
      )
      return (
        /[a-z]{4}/i.test(own.join().replaceAll(/\{\w+\}/g, '')) &&
        own.join() === forms(ENGLISH[key]).join()
      )
    })
    const meant =
      /^(case\.system|trace\.source\.|user\.name|case\.status|cases\.status|history\.status|state\.offline|me\.offline|no$)/
    assert.deepEqual(
      same.filter((key) => !meant.test(key)),
      [],
    )
  })

  test(`POP-12 ${language} names the same values as English, in each plural form`, () => {
    for (const key of keys) {
      const wanted = placeholders(forms(ENGLISH[key]).at(-1) ?? '')
      for (const form of forms(catalog[key])) {
        // "One case" and "two cases" may be words.
        const found = placeholders(form)
        const isWord =
          typeof catalog[key] !== 'string' && found === wanted.replace('{count}', '').trim()
        assert.ok(found === wanted || isWord, `${key}: ${form}`)
      }
    }
  })

  test(`POP-12 ${language} has every plural form that it needs`, () => {
    const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories
    for (const key of keys) {
      const text = catalog[key]
      if (typeof ENGLISH[key] === 'string') continue
      assert.equal(typeof text, 'object', key)
      // Spanish "many" is for millions, written "de".
      const missing = needed.filter(
        (form) => !Object.hasOwn(text as object, form) && form !== 'many',
      )
      const many =
        needed.includes('many') && language !== 'es' && !Object.hasOwn(text as object, 'many')
      assert.deepEqual([...missing, ...(many ? ['many'] : [])], [], key)
    }
  })
}

test('POP-12 counts, numbers and names follow the language', async () => {
  const plain = (text: string): string => text.replaceAll(/[\u2066-\u2069]/g, '')
  await setLocale('ru')
  assert.deepEqual(
    [1, 3, 5, 21].map((count) => plain(t('popup.missed', { count }))),
    [
      '1 открытый пропущенный звонок',
      '3 открытых пропущенных звонка',
      '5 открытых пропущенных звонков',
      '21 открытый пропущенный звонок',
    ],
  )
  await setLocale('de-AT')
  assert.match(plain(t('cases.countMore', { count: 1234 })), /Die neuesten 1.234 Vorgänge/)
  await setLocale('ar')
  assert.equal(plain(t('cases.count', { count: 2 })), 'حالتان')
})

test('POP-12 a language without texts is English with its own numbers and dates', async () => {
  await setLocale('fr-CA')
  assert.equal(t('panel.open'), 'Open calls')
})

test('POP-12 of languages that are asked for in a row the last one counts, whichever comes first', async () => {
  await Promise.all([setLocale('es-MX'), setLocale('en-GB')])
  assert.equal(t('panel.open'), 'Open calls')
  assert.equal(currentLocale(), 'en-GB')
})
