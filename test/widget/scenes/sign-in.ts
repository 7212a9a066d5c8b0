/** States of signing in by a personal link. */
import type { RingsideWidget } from '../../../widget/elements/ringside-widget.ts'
import { able, type FakeServer } from '../fake-server.ts'
import { click, find, type Scenes, settle, type } from '../scene.ts'

const FORM = 'ringside-sign-in-card ringside-sign-in'

/** Nobody is signed in, and the agent opens the panel. */
async function openForm(widget: RingsideWidget, server: FakeServer): Promise<void> {
  server.setState('refused', 'no-token')
  await click(widget, '.launcher')
  await settle()
}

export const signInScenes: Scenes = {
  signIn: { signsIn: true, act: openForm },
  signInClosed: {
    signsIn: true,
    act: async (_widget, server) => server.setState('refused', 'no-token'),
  },
  signInWrong: {
    signsIn: true,
    act: async (widget, server) => {
      await openForm(widget, server)
      await type(widget, `${FORM} input`, 'https://helpdesk.example/tickets/4819')
      await click(widget, `${FORM} .primary`)
      await settle()
    },
  },
  signOut: {
    me: able(),
    signsIn: true,
    act: async (widget) => {
      await click(widget, '.launcher')
      await click(widget, 'ringside-panel ringside-my-state .me')
      await find(widget, 'ringside-panel ringside-my-state ringside-sign-out button')
    },
  },
}
