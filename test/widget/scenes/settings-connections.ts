/** States of the settings of connections. */
import { ApiError } from '../../../widget/client/api.ts'
import type { RingsideWidget } from '../../../widget/elements/ringside-widget.ts'
import '../../../widget/settings/ringside-settings.ts'
import { answered, at, callView, type FakeServer } from '../fake-server.ts'
import { click, type Scene, type Scenes, settle, type } from '../scene.ts'
import {
  after,
  away,
  BAD,
  connectionView,
  linked,
  settingsWorld,
  silent,
} from '../settings-world.ts'

const PAGE = 'ringside-settings ringside-settings-connections'
const ONE = `${PAGE} ringside-connection`
const LINK = `${ONE} ringside-connection-link`

/** The settings as wide and high as the page, in the place of the widget's own parts. */
async function open(widget: RingsideWidget, server: FakeServer, page: string): Promise<void> {
  const settings = document.createElement('ringside-settings')
  settings.client = server.client
  settings.page = page
  widget.shadowRoot?.querySelector('.frame')?.replaceChildren()
  widget.shadowRoot?.append(settings)
  Object.assign(settings.style, {
    position: 'fixed',
    inset: '0',
    padding: '16px',
    overflow: 'auto',
    background: 'var(--_background)',
    colorScheme: widget.theme,
  })
  for (let turn = 0; turn < 6; turn += 1) await settle()
}

function scene(
  page: string,
  world: Scene,
  act: (widget: RingsideWidget, server: FakeServer) => unknown = () => undefined,
): Scene {
  return {
    ...world,
    act: async (widget, server) => {
      await open(widget, server, page)
      await act(widget, server)
      for (let turn = 0; turn < 3; turn += 1) await settle()
    },
  }
}

const fillAri = async (widget: RingsideWidget) => {
  await click(widget, `${LINK} [name=use-ari]`)
  await type(widget, `${LINK} [name="ari.url"]`, 'pbx.example.com:8089')
  await type(widget, `${LINK} [name="ari.password"]`, 'secret')
  await settle()
  await click(widget, `${LINK} [data-test=ari] .try`)
}
const rings = callView({ userId: null })
const allDone = ['incoming_queue', 'outgoing_start', 'outgoing_answer', 'outgoing_end', 'record']

export const settingsConnectionsScenes: Scenes = {
  connNone: scene('connections', settingsWorld([])),
  connList: scene('connections', settingsWorld([linked, away, silent])),
  connNew: scene('connections/new', settingsWorld([])),
  connNewWrong: scene(
    'connections/new',
    settingsWorld([], {
      'POST /api/connections': new ApiError(400, {
        detail: 'name has 0 characters, expected at least 1',
        errors: [{ path: 'name', message: 'has 0 characters, expected at least 1' }],
      }),
    }),
    (widget) => click(widget, `${ONE} ringside-connection-pbx .primary`),
  ),
  connLink: scene('connections/pbx/link', settingsWorld([connectionView()])),
  connLinkOk: scene('connections/pbx/link', settingsWorld([connectionView()]), fillAri),
  connLinkBad: scene(
    'connections/pbx/link',
    settingsWorld([connectionView()], { 'POST /api/connections/test': { ari: BAD } }),
    fillAri,
  ),
  connLinkAgain: scene('connections/pbx/link', settingsWorld([linked]), (widget) =>
    type(widget, `${LINK} [name="ari.url"]`, 'https://other.example.com:8089'),
  ),
  connLinkAmi: scene(
    'connections/pbx-2/link',
    settingsWorld([away], { 'POST /api/connections/test': { ami: BAD } }),
    (widget) => click(widget, `${LINK} .more summary`),
  ),
  connLinkHow: scene('connections/pbx/link', settingsWorld([connectionView()]), async (widget) => {
    await click(widget, `${LINK} [name=use-ami]`)
    await click(widget, `${LINK} .how summary`)
  }),
  connSocket: scene('connections/pbx-3/link', settingsWorld([silent]), (widget) =>
    click(widget, `${LINK} [name=use-socket]`),
  ),
  connPhones: scene('connections/pbx/extensions', settingsWorld([linked])),
  connPhonesAway: scene(
    'connections/pbx-2/extensions',
    settingsWorld([away], {
      'GET /api/connections/pbx-2/extensions': { items: [], next: null },
      'GET /api/connections/pbx-2/endpoints': new ApiError(409, {
        detail: 'the connection to pbx.example.com:5038 was refused',
      }),
    }),
  ),
  connPhonesByHand: scene(
    'connections/pbx-3/extensions',
    settingsWorld([silent], {
      'GET /api/connections/pbx-3/endpoints': new ApiError(409, { detail: 'no account' }),
    }),
  ),
  connDialplan: scene('connections/pbx/dialplan', settingsWorld([linked])),
  connDialplanLocal: scene(
    'connections/pbx-3/dialplan',
    settingsWorld([silent], {
      'GET /api/connections/pbx-3/dialplan': new ApiError(400, {
        errors: [
          { path: 'flavour', message: 'is "macro", but Asterisk 22 has no Macro; expected gosub' },
        ],
      }),
    }),
  ),
  connCheckWaits: scene('connections/pbx/check', settingsWorld([connectionView()])),
  connCheck: scene('connections/pbx/check', {
    ...settingsWorld([connectionView()]),
    calls: [rings],
  }),
  connCheckDone: scene('connections/pbx/check', {
    ...settingsWorld([connectionView()], {
      'GET /api/connections/pbx/checklist': {
        items: allDone.reduce((list, alias) => after(alias, list), after('incoming_start')),
      },
    }),
    calls: [
      answered({
        legs: [
          {
            extension: '199',
            agentId: null,
            rangAt: at(140),
            answeredAt: null,
            endedAt: at(127),
            result: 'noanswer',
          },
        ],
      }),
    ],
  }),
  connLog: scene('connections/pbx/log', settingsWorld([connectionView()])),
  connLogEmpty: scene(
    'connections/pbx/log',
    settingsWorld([connectionView()], {
      'GET /api/connections/pbx/log': { items: [], next: null },
    }),
  ),
}
