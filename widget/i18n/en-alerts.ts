/** English texts of sound and notifications, loaded with it. */
export const enAlerts = {
  'alerts.queue': 'Queue {queue}',
  'alerts.personal': 'Personal call',
  'alerts.internal': 'Internal call',

  'alerts.offer': 'Be told of calls in the background?',
  'alerts.allow': 'Allow',
  'alerts.notNow': 'Not now',

  'alerts.title': 'Alerts in this browser',
  'alerts.sound': 'Ring',
  'alerts.notify': 'Notify in the background',
  'alerts.blocked':
    'Your browser blocks notifications of this page. To allow them, click the sign left of the page’s address.',
} as const
