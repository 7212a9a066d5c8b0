/** German texts that all pages of the settings share. */
import type { Texts } from '../t.ts'

export const deSettings: Texts = {
  'settings.title': 'Einstellungen',
  'settings.page': 'Seite',
  'settings.forAdmins':
    'Die Einstellungen sind für Admins. Bitten Sie einen Admin Ihrer Telefonie, wenn etwas geändert werden soll.',
  'settings.notLoaded': 'Diese Seite konnte nicht geladen werden.',
  'settings.unsaved': 'Ohne Speichern verlassen?',
  'settings.unsavedText': 'Was Sie auf dieser Seite geändert haben, ist nicht gespeichert.',
  'settings.leave': 'Ohne Speichern verlassen',
  'settings.stay': 'Hier bleiben',
  'settings.save': 'Speichern',
  'settings.reset': 'Änderungen verwerfen',
  'settings.saved': 'Gespeichert.',
  'settings.checkFields': 'Nicht gespeichert: Sehen Sie die rot markierten Felder an.',
  'settings.cancel': 'Abbrechen',
  'settings.copy': 'Kopieren',
  'settings.copied': 'Kopiert',
  'settings.copyFailed': 'Markieren Sie den Text und kopieren Sie ihn von Hand.',
  'settings.typeToConfirm': 'Geben Sie zur Bestätigung {word} ein',
  'settings.optional': 'freiwillig',

  'settings.group.telephony': 'Telefonie',
  'settings.group.team': 'Team und Kunden',
  'settings.group.helpdesk': 'Helpdesk',
  'settings.group.safety': 'Sicherheit',
  'settings.connections': 'Verbindungen',
  'settings.people': 'Personen',
  'settings.fields': 'Datenfelder',
  'settings.users': 'Kunden importieren',
  'settings.general': 'Allgemein',
  'settings.hooks': 'Ausgehende Webhooks',
  'settings.keys': 'Schlüssel',
  'settings.audit': 'Protokoll',
  'settings.privacy': 'Datenschutz',
}
