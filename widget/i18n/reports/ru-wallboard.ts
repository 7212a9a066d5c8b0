/** Russian texts of the wallboard. */
import type { Texts } from '../t.ts'

export const ruWallboard: Texts = {
  'wallboard.title': 'Табло',
  'wallboard.forSupervisors':
    'Табло доступно супервизорам и администраторам. Войдите как один из них или обратитесь к администратору телефонии.',
  'wallboard.signedOut':
    'На этом экране выполнен выход. Откройте на нём личную ссылку супервизора для входа или вставьте её: для этого есть кнопка с трубкой.',
  'wallboard.live': 'Онлайн',
  'wallboard.notLive': 'Данные на {at}',
  'wallboard.lost':
    'Сервер телефонии недоступен. Вы видите, как было тогда; экран подключается снова сам.',
  'wallboard.slept':
    'Этот экран спал. Вы видите, как было тогда; новые данные уже запрошены. Отключите на компьютере спящий режим.',

  'wallboard.waiting': 'Ждут ответа',
  'wallboard.longest': 'дольше всех {duration}',
  'wallboard.overTarget': 'больше {seconds} с',
  'wallboard.noQueue': 'Без очереди',
  'wallboard.queues': 'Ждут по очередям',
  'wallboard.moreQueues': {
    one: 'ещё {count} очередь',
    few: 'ещё {count} очереди',
    many: 'ещё {count} очередей',
    other: 'ещё {count} очереди',
  },

  'wallboard.inProgress': 'Идут звонки',
  'wallboard.talkingIncoming': {
    one: '{count} входящий',
    few: '{count} входящих',
    many: '{count} входящих',
    other: '{count} входящих',
  },
  'wallboard.talkingOutgoing': {
    one: '{count} исходящий',
    few: '{count} исходящих',
    many: '{count} исходящих',
    other: '{count} исходящих',
  },
  'wallboard.onHold': {
    one: '{count} из них на удержании',
    few: '{count} из них на удержании',
    many: '{count} из них на удержании',
    other: '{count} из них на удержании',
  },
  'wallboard.dialling': {
    one: '{count} набирается',
    few: '{count} набираются',
    many: '{count} набираются',
    other: '{count} набираются',
  },

  'wallboard.agents': 'Операторы',
  'wallboard.noAgents': 'Внутренних номеров пока нет ни у одного оператора.',
  'wallboard.moreAgents': {
    one: 'ещё {count} оператор',
    few: 'ещё {count} оператора',
    many: 'ещё {count} операторов',
    other: 'ещё {count} оператора',
  },

  'wallboard.today': 'Сегодня',
  'wallboard.incoming': 'Входящие',
  'wallboard.answered': 'Принятые',
  'wallboard.missed': 'Пропущенные',
  'wallboard.abandoned': 'Не дождались в очереди',
  'wallboard.serviceLevel': 'Уровень сервиса',
  'wallboard.within': 'приняты за {seconds} с',
  'wallboard.owed': 'Надо перезвонить',
  'wallboard.oldest': 'дольше всех {time}',
  'wallboard.andMore': '{count} и больше',
  'wallboard.none': 'пока нет',
  'wallboard.figuresOld':
    'Так было {at}; более новые данные получить не удаётся. Попытки продолжаются.',
  'wallboard.figuresMissing': 'Данные за сегодня получить не удаётся. Попытки продолжаются.',
}
