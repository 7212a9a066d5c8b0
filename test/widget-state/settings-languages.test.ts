import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { ar } from '../../widget/i18n/settings/ar.ts'
import { settingsCatalogs } from '../../widget/i18n/settings/catalogs.ts'
import { de } from '../../widget/i18n/settings/de.ts'
import { enAdmin } from '../../widget/i18n/settings/en-admin.ts'
import { enConnections } from '../../widget/i18n/settings/en-connections.ts'
import { enPeople } from '../../widget/i18n/settings/en-people.ts'
import { enSettings } from '../../widget/i18n/settings/en-settings.ts'
import { es } from '../../widget/i18n/settings/es.ts'
import { ru } from '../../widget/i18n/settings/ru.ts'
import { addCatalogs, addEnglish, setLocale, type Text, t } from '../../widget/i18n/t.ts'
import { assertTranslated } from '../support/catalogs.ts'

const ENGLISH: Readonly<Record<string, Text>> = {
  ...enSettings,
  ...enPeople,
  ...enConnections,
  ...enAdmin,
}
const LANGUAGES: Readonly<Record<string, Readonly<Record<string, Text>>>> = { ar, de, es, ru }

after(() => setLocale('en'))

for (const [language, catalog] of Object.entries(LANGUAGES)) {
  test(`POP-12 the settings in ${language}: known texts, the same values, every plural form`, () => {
    assertTranslated(language, catalog, ENGLISH)
  })
}

test('POP-12 catalogs that come later are in use at once, and follow the language', async () => {
  addEnglish(enSettings)
  await setLocale('de')
  assert.equal(t('settings.save'), 'Save')
  await addCatalogs(settingsCatalogs)
  assert.equal(t('settings.save'), 'Speichern')
  assert.equal(t('panel.open'), 'Anrufe öffnen')
  await setLocale('ru')
  assert.equal(t('settings.save'), 'Сохранить')
  // A language that is still on its way is not lost by a part that comes meanwhile.
  const coming = setLocale('es')
  await addCatalogs({ es: async () => ({ 'settings.copy': 'Copia' }) })
  await coming
  assert.deepEqual([t('settings.save'), t('settings.copy')], ['Guardar', 'Copia'])
})
