/** States of sound and notifications. */
import { choose } from '../../../widget/alerts/choice.ts'
import { answered, at, userView } from '../fake-server.ts'
import { click, type Scene, type Scenes, settle } from '../scene.ts'

const talking: Scene = { calls: [answered({ userId: 'user-1' })], users: [userView()] }
const openMenu: Scene['act'] = async (widget) => {
  await click(widget, '.launcher')
  await click(widget, 'ringside-panel ringside-my-state .me')
}

/** Headless browsers refuse notifications from the start. */
function permit(permission: NotificationPermission): void {
  Object.defineProperty(Notification, 'permission', { value: permission, configurable: true })
  choose('no-sound', false)
  choose('no-notifications', false)
}

export const alertsScenes: Scenes = {
  alertsOffer: {
    act: async (widget) => {
      permit('default')
      await click(widget, '.launcher')
    },
  },
  alertsOfferAfterCall: {
    ...talking,
    act: async (_widget, server) => {
      permit('default')
      await settle()
      server.push('call', answered({ userId: 'user-1', state: 'ended', endedAt: at(0) }))
    },
  },
  alertsOn: {
    act: async (widget, server) => {
      permit('granted')
      await openMenu(widget, server)
    },
  },
  alertsOff: {
    act: async (widget, server) => {
      permit('granted')
      choose('no-sound', true)
      choose('no-notifications', true)
      await openMenu(widget, server)
    },
  },
  alertsBlocked: {
    act: async (widget, server) => {
      permit('denied')
      await openMenu(widget, server)
    },
  },
}
