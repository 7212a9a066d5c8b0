/** States of the recording player. */

import type { RecordingView } from '../../../server/http/schemas.ts'
import { ApiError } from '../../../widget/client/api.ts'
import type { RingsideWidget } from '../../../widget/elements/ringside-widget.ts'
import { answered, at, caseView, ME, messageView, userView } from '../fake-server.ts'
import { find, type Scene, type Scenes } from '../scene.ts'

/** Talk and pauses as in a conversation, always the same. */
export function talk(seed: number, isTalking: (share: number) => boolean = () => true): number[] {
  let state = seed
  let loud = 0
  return Array.from({ length: 1000 }, (_none, at) => {
    state = (state * 1_103_515_245 + 12_345) % 0x8000_0000
    if (at % 12 === 0) loud = state % 5 === 0 ? 6 : 70 + (state % 150)
    return isTalking(at / 1000)
      ? Math.min(255, Math.round(loud * (0.5 + ((state >> 8) % 100) / 150)))
      : 3
  })
}

const isCaller = (share: number): boolean => Math.floor(share * 14) % 3 !== 1

export const recording = (id: string, change: Partial<RecordingView> = {}): RecordingView => ({
  id,
  callId: 'c9',
  mime: 'audio/wav',
  bytes: 9,
  seconds: 194,
  pauses: [],
  ...change,
})

const call = answered({
  id: 'c9',
  state: 'ended',
  outcome: 'answered',
  startedAt: at(800),
  endedAt: at(500),
  talkSeconds: 194,
  caseId: 'case-1',
  userId: 'user-1',
})

function scene(
  recordings: readonly RecordingView[],
  peaks: readonly (readonly number[])[],
  more: Partial<Scene> = {},
): Scene {
  const { answers, act, ...rest } = more
  const message = messageView({
    id: 'm1',
    kind: 'call',
    text: 'The parcel was sent to the old address; a new one leaves today.',
    createdAt: at(500),
    call: { ...call, recordings: [...recordings] },
  })
  return {
    me: { ...ME, capabilities: ['recordings', 'download'] },
    users: [userView()],
    cases: [caseView({ messages: [message] })],
    answers: {
      ...Object.fromEntries(
        recordings.map(({ id }) => [
          `GET /api/recordings/${id}/peaks`,
          { state: peaks.length > 0 ? 'ready' : 'none', channels: peaks },
        ]),
      ),
      ...answers,
    },
    act: async (widget, server) => {
      await widget.openCase('case-1')
      await act?.(widget, server)
    },
    ...rest,
  }
}

const player = (widget: RingsideWidget) =>
  find(widget, 'ringside-panel ringside-case ringside-case-message ringside-recording')

const mono = [talk(7)]
const stereo = [talk(7, isCaller), talk(11, (share) => !isCaller(share))]

export const playerScenes: Scenes = {
  playerMono: scene([recording('r1')], mono),
  playerHeard: scene([recording('r1')], mono, {
    act: async (widget) => {
      const { shadowRoot } = await player(widget)
      const picture = shadowRoot!.querySelector('ringside-waveform')!
      await picture.updateComplete
      picture.onSeek?.(71)
    },
  }),
  playerStereo: scene([recording('r1')], stereo),
  playerOneSide: scene([recording('r1')], stereo, {
    act: async (widget) => {
      const { shadowRoot } = await player(widget)
      const picture = shadowRoot!.querySelector('ringside-waveform')!
      await picture.updateComplete
      picture.onSeek?.(64)
      picture.shadowRoot!.querySelector<HTMLElement>('.side')!.click()
    },
  }),
  playerParts: scene([recording('r1'), recording('r2', { seconds: 61 })], mono, {
    act: async (widget) => {
      const { shadowRoot } = await player(widget)
      shadowRoot!.querySelector<HTMLElement>('[data-download]')!.click()
    },
  }),
  playerPauses: scene(
    [
      recording('r1', {
        pauses: [
          { from: 42, to: 65 },
          { from: 170, to: null },
        ],
      }),
    ],
    [talk(7, (share) => share < 42 / 194 || (share > 65 / 194 && share < 170 / 194))],
  ),
  playerVolume: scene([recording('r1')], stereo, {
    act: async (widget) => {
      const { shadowRoot } = await player(widget)
      shadowRoot!.querySelector<HTMLElement>('[data-volume]')!.click()
    },
  }),
  playerPlain: scene([recording('r1', { mime: 'audio/mp4' })], []),
  playerMeasuring: scene([recording('r1', { seconds: null })], [], {
    answers: { 'GET /api/recordings/r1/peaks': { state: 'pending', channels: [] } },
  }),
  playerOnItsWay: scene([], []),
  playerGone: scene([recording('r1')], mono, {
    answers: { 'GET /api/recordings/r1': new ApiError(404, { title: 'Not found' }) },
    act: async (widget) => {
      const { shadowRoot } = await player(widget)
      shadowRoot!.querySelector<HTMLElement>('.play')!.click()
    },
  }),
  playerOffline: scene([recording('r1')], mono, {
    answers: { 'GET /api/recordings/r1': new ApiError(0, { title: 'Offline' }) },
    act: async (widget) => {
      const { shadowRoot } = await player(widget)
      shadowRoot!.querySelector<HTMLElement>('.play')!.click()
    },
  }),
}
