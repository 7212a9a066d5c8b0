/** Russian texts that all pages of the settings share. */
import type { Texts } from '../t.ts'

export const ruSettings: Texts = {
  'settings.title': 'Настройки',
  'settings.page': 'Страница',
  'settings.forAdmins':
    'Настройки доступны администраторам. Если нужно что-то изменить, обратитесь к администратору телефонии.',
  'settings.notLoaded': 'Не удалось загрузить страницу.',
  'settings.unsaved': 'Уйти без сохранения?',
  'settings.unsavedText': 'Изменения на этой странице не сохранены.',
  'settings.leave': 'Уйти без сохранения',
  'settings.stay': 'Остаться',
  'settings.save': 'Сохранить',
  'settings.reset': 'Отменить изменения',
  'settings.saved': 'Сохранено.',
  'settings.checkFields': 'Не сохранено: проверьте поля, отмеченные красным.',
  'settings.cancel': 'Отмена',
  'settings.copy': 'Копировать',
  'settings.copied': 'Скопировано',
  'settings.copyFailed': 'Выделите текст и скопируйте его вручную.',
  'settings.typeToConfirm': 'Для подтверждения введите {word}',
  'settings.optional': 'необязательно',

  'settings.group.telephony': 'Телефония',
  'settings.group.team': 'Сотрудники и клиенты',
  'settings.group.helpdesk': 'Хелпдеск',
  'settings.group.safety': 'Безопасность',
  'settings.connections': 'Подключения',
  'settings.people': 'Сотрудники',
  'settings.fields': 'Поля данных',
  'settings.users': 'Импорт клиентов',
  'settings.general': 'Общие',
  'settings.hooks': 'Исходящие вебхуки',
  'settings.keys': 'Ключи',
  'settings.audit': 'Журнал действий',
  'settings.privacy': 'Персональные данные',
}
