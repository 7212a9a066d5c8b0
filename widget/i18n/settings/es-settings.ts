/** Spanish texts that all pages of the settings share. */
import type { Texts } from '../t.ts'

export const esSettings: Texts = {
  'settings.title': 'Ajustes',
  'settings.page': 'Página',
  'settings.forAdmins':
    'Los ajustes son para administradores. Pida el cambio a un administrador de su telefonía.',
  'settings.notLoaded': 'No se pudo cargar esta página.',
  'settings.unsaved': '¿Salir sin guardar?',
  'settings.unsavedText': 'Lo que ha cambiado en esta página no está guardado.',
  'settings.leave': 'Salir sin guardar',
  'settings.stay': 'Quedarse aquí',
  'settings.save': 'Guardar',
  'settings.reset': 'Deshacer los cambios',
  'settings.saved': 'Guardado.',
  'settings.checkFields': 'No se ha guardado: revise los campos marcados en rojo.',
  'settings.cancel': 'Cancelar',
  'settings.copy': 'Copiar',
  'settings.copied': 'Copiado',
  'settings.copyFailed': 'Seleccione el texto y cópielo a mano.',
  'settings.typeToConfirm': 'Escriba {word} para confirmar',
  'settings.optional': 'opcional',

  'settings.group.telephony': 'Telefonía',
  'settings.group.team': 'Equipo y clientes',
  'settings.group.helpdesk': 'Helpdesk',
  'settings.group.safety': 'Seguridad',
  'settings.connections': 'Conexiones',
  'settings.people': 'Personas',
  'settings.fields': 'Campos de datos',
  'settings.users': 'Importar clientes',
  'settings.general': 'Generales',
  'settings.hooks': 'Webhooks salientes',
  'settings.keys': 'Claves',
  'settings.audit': 'Registro de cambios',
  'settings.privacy': 'Privacidad',
}
