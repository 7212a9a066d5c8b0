/** Arabic texts of the wallboard. */
import type { Texts } from '../t.ts'

export const arWallboard: Texts = {
  'wallboard.title': 'لوحة المتابعة',
  'wallboard.forSupervisors':
    'لوحة المتابعة للمشرفين والمسؤولين. سجّل الدخول كأحدهم، أو اطلب ذلك من مسؤول نظام الهاتف.',
  'wallboard.signedOut':
    'هذه الشاشة غير مسجّلة الدخول. افتح عليها رابط الدخول الشخصي لأحد المشرفين، أو ألصقه: يستقبله الزر ذو السمّاعة.',
  'wallboard.live': 'مباشر',
  'wallboard.notLive': 'غير مباشر منذ {at}',
  'wallboard.lost':
    'تعذّر الوصول إلى خادم الهاتف. ما تراه هو ما كان حينها؛ وهذه الشاشة تعيد المحاولة تلقائيًا.',
  'wallboard.slept':
    'كانت هذه الشاشة في وضع السكون. ما تراه هو ما كان حينها؛ وهي تطلب الآن ما استجدّ. امنع الحاسوب من السكون.',

  'wallboard.waiting': 'مكالمات تنتظر',
  'wallboard.longest': 'أطولها {duration}',
  'wallboard.overTarget': 'أكثر من {seconds} ث',
  'wallboard.noQueue': 'بلا قائمة انتظار',
  'wallboard.queues': 'المنتظرون حسب قائمة الانتظار',
  'wallboard.moreQueues': {
    zero: 'لا قوائم أخرى',
    one: 'قائمة أخرى',
    two: 'قائمتان أخريان',
    few: '{count} قوائم أخرى',
    many: '{count} قائمة أخرى',
    other: '{count} قائمة أخرى',
  },

  'wallboard.inProgress': 'مكالمات جارية',
  'wallboard.talkingIncoming': {
    zero: '{count} واردة',
    one: '{count} واردة',
    two: '{count} واردة',
    few: '{count} واردة',
    many: '{count} واردة',
    other: '{count} واردة',
  },
  'wallboard.talkingOutgoing': {
    zero: '{count} صادرة',
    one: '{count} صادرة',
    two: '{count} صادرة',
    few: '{count} صادرة',
    many: '{count} صادرة',
    other: '{count} صادرة',
  },
  'wallboard.onHold': {
    zero: '{count} منها معلّقة',
    one: '{count} منها معلّقة',
    two: '{count} منها معلّقة',
    few: '{count} منها معلّقة',
    many: '{count} منها معلّقة',
    other: '{count} منها معلّقة',
  },
  'wallboard.dialling': {
    zero: '{count} قيد الاتصال',
    one: '{count} قيد الاتصال',
    two: '{count} قيد الاتصال',
    few: '{count} قيد الاتصال',
    many: '{count} قيد الاتصال',
    other: '{count} قيد الاتصال',
  },

  'wallboard.agents': 'الموظفون',
  'wallboard.noAgents': 'لا تحويلة لأي موظف بعد.',
  'wallboard.moreAgents': {
    zero: 'لا موظفين آخرين',
    one: 'موظف آخر',
    two: 'موظفان آخران',
    few: '{count} موظفين آخرين',
    many: '{count} موظفًا آخر',
    other: '{count} موظف آخر',
  },

  'wallboard.today': 'اليوم',
  'wallboard.incoming': 'واردة',
  'wallboard.answered': 'تم الرد عليها',
  'wallboard.missed': 'فائتة',
  'wallboard.abandoned': 'متروكة في الانتظار',
  'wallboard.serviceLevel': 'مستوى الخدمة',
  'wallboard.within': 'تم الرد خلال {seconds} ث',
  'wallboard.owed': 'تنتظر معاودة الاتصال',
  'wallboard.oldest': 'أقدمها {time}',
  'wallboard.andMore': '{count} أو أكثر',
  'wallboard.none': 'لا شيء بعد',
  'wallboard.figuresOld': 'هكذا كان ({at})؛ تعذّرت قراءة أرقام أحدث. جارٍ إعادة المحاولة.',
  'wallboard.figuresMissing': 'تعذّرت قراءة أرقام اليوم. جارٍ إعادة المحاولة.',
}
