/** The recording player in a real Chromium, with real sound. */
import { expect } from '@open-wc/testing'
import { sendMouse } from '@web/test-runner-commands'
import type { RecordingView } from '../../server/http/schemas.ts'
import type { RingsideRecording } from '../../widget/elements/recording.ts'
import { createPeaksLoader } from '../../widget/player/peaks.ts'
import { liked } from '../../widget/player/player.ts'
import { wavOf } from '../support/wav.ts'
import { answered, at, caseView, ME, messageView, userView } from './fake-server.ts'
import { all, button, key, one, show, textOf, texts, widget } from './page.ts'
import { recording } from './scenes/player.ts'
import { waitUntil } from './wait-until.ts'

/** Elements that were told to play, the newest last. */
const played: HTMLAudioElement[] = []
const addresses: string[] = []
const realPlay = HTMLMediaElement.prototype.play
const anchorClick = HTMLAnchorElement.prototype.click
const clicked: HTMLAnchorElement[] = []

before(async () => {
  // Browsers let a page sound once somebody has pressed something in it.
  await sendMouse({ type: 'click', position: [1, 1] })
  HTMLMediaElement.prototype.play = function (this: HTMLAudioElement) {
    if (played.at(-1) !== this) played.push(this)
    return realPlay.call(this)
  }
  HTMLAnchorElement.prototype.click = function (this: HTMLAnchorElement) {
    clicked.push(this)
  }
})
after(() => {
  HTMLMediaElement.prototype.play = realPlay
  HTMLAnchorElement.prototype.click = anchorClick
})
afterEach(() => {
  widget.remove()
  for (const address of addresses.splice(0)) URL.revokeObjectURL(address)
  played.length = 0
  clicked.length = 0
  Object.assign(liked, { rate: 1, volume: 1, isMuted: false })
})

const current = (): HTMLAudioElement => played.at(-1)!
const player = (): Promise<RingsideRecording> => one<RingsideRecording>('ringside-recording')
const slider = () => one('[role=slider]')
const valueNow = async (): Promise<number> => Number((await slider()).ariaValueNow)
const press = async (label: string): Promise<void> => (await button(label)).click()
const playing = () =>
  waitUntil(
    () => played.length > 0 && current().currentTime > 0.05 && !current().paused,
    'no sound',
  )

it('POP-9 a press plays: time goes on, the slider says where it is, another press stops it', async () => {
  await showPlayer([recording('r1', { seconds: 3 })])
  expect((await slider()).ariaValueText)
    .to.contain('0 seconds')
    .and.contain('3 seconds')
  await press('Play')
  await playing()
  const before = current().currentTime
  await waitUntil(() => current().currentTime > before + 0.3)
  await press('Pause')
  expect(current().paused).to.equal(true)
  const stopped = current().currentTime
  await waitUntil(() => texts('.time')[0]?.startsWith('0:0') === true)
  expect(current().currentTime).to.be.closeTo(stopped, 0.05)
  expect((await slider()).ariaValueMax).to.equal('3')
  await press('Play')
  await waitUntil(() => current().currentTime > stopped + 0.1)
})

it('POP-9 nothing of a recording is fetched before it is played but its picture', async () => {
  const server = await showPlayer([recording('r1', { seconds: 3 })])
  await waitUntil(() => server.requests.some(({ line }) => line.endsWith('/r1/peaks')))
  expect(server.requests.filter(({ line }) => line === 'GET /api/recordings/r1')).to.have.length(0)
  await press('Play')
  await playing()
  expect(current().preload).to.equal('metadata')
  expect(server.requests.filter(({ line }) => line === 'GET /api/recordings/r1')).to.have.length(1)
})

it('POP-9 a click on the picture goes there, a drag goes where it is let go, Escape lets it be', async () => {
  await showPlayer([recording('r1', { seconds: 4 })], { seconds: 4 })
  await press('Play')
  await playing()
  await press('Pause')
  const picture = await slider()
  await waitUntil(() => picture.querySelector('svg') !== null)
  const point = (type: string, share: number) => {
    const { left, top, width } = picture.getBoundingClientRect()
    const init = { clientX: left + share * width, clientY: top + 5, pointerId: 1, bubbles: true }
    picture.dispatchEvent(new PointerEvent(type, { ...init, pointerType: 'mouse' }))
  }
  picture.setPointerCapture = () => undefined
  point('pointerdown', 0.5)
  point('pointerup', 0.5)
  await waitUntil(() => Math.abs(current().currentTime - 2) < 0.05)
  point('pointerdown', 0.5)
  point('pointermove', 0.75)
  await waitUntil(async () => (await slider()).ariaValueNow === '3')
  expect(current().currentTime).to.be.closeTo(2, 0.05)
  expect(texts('.pointed')).to.deep.equal(['0:03'])
  point('pointerup', 0.75)
  await waitUntil(() => Math.abs(current().currentTime - 3) < 0.05)
  point('pointerdown', 0.1)
  key(picture, 'Escape')
  point('pointerup', 0.1)
  expect(current().currentTime).to.be.closeTo(3, 0.05)
})

it('POP-9 A11Y-2 keys: arrows, pages, ends, j k l and space; and none of them reaches the rest of the widget', async () => {
  await showPlayer([recording('r1', { seconds: 120 })], { seconds: 1 })
  const picture = await slider()
  const steps: [string, number][] = [
    ['ArrowRight', 5],
    ['l', 15],
    ['PageUp', 45],
    ['ArrowLeft', 40],
    ['j', 30],
    ['PageDown', 0],
    ['End', 120],
    ['ArrowRight', 120],
    ['Home', 0],
    ['ArrowLeft', 0],
    ['ArrowUp', 5],
    ['ArrowDown', 0],
  ]
  for (const [name, expected] of steps) {
    key(picture, name)
    await waitUntil(async () => (await valueNow()) === expected, `${name}: not ${expected}`)
  }
  expect(all('ringside-case')).to.have.length(1)
  key(picture, ' ')
  await playing()
  key(picture, 'k')
  await waitUntil(() => current().paused)
  const forward = await button('10 seconds forward')
  const event = new KeyboardEvent('keydown', {
    key: ' ',
    bubbles: true,
    composed: true,
    cancelable: true,
  })
  forward.dispatchEvent(event)
  expect(event.defaultPrevented, 'space presses the button that has the focus').to.equal(false)
  key(forward, 'k')
  await waitUntil(() => !current().paused)
})

it('POP-9 ten seconds back and forward', async () => {
  await showPlayer([recording('r1', { seconds: 60 })], { seconds: 1 })
  await press('10 seconds forward')
  await press('10 seconds forward')
  await waitUntil(async () => (await valueNow()) === 20)
  await press('10 seconds back')
  await waitUntil(async () => (await valueNow()) === 10)
  await press('10 seconds back')
  await press('10 seconds back')
  await waitUntil(async () => (await valueNow()) === 0)
})

it('POP-9 speed keeps the pitch, really is faster, and is the same for the next recording', async () => {
  await showPlayer([recording('r1', { seconds: 8 })], { seconds: 8 })
  const speed = await one<HTMLSelectElement>('select.speed')
  expect([...speed.options].map(({ label }) => label)).to.deep.equal([
    '0.75×',
    '1×',
    '1.25×',
    '1.5×',
    '1.75×',
    '2×',
  ])
  speed.value = '2'
  speed.dispatchEvent(new Event('change', { bubbles: true }))
  await press('Play')
  await playing()
  expect(current().playbackRate).to.equal(2)
  expect(current().preservesPitch).to.equal(true)
  const [time, clock] = [current().currentTime, performance.now()]
  await waitUntil(() => current().currentTime > time + 1.5)
  const ratio = (current().currentTime - time) / ((performance.now() - clock) / 1000)
  expect(ratio).to.be.greaterThan(1.4)
  widget.remove()
  await showPlayer([recording('r1', { seconds: 8 })], { seconds: 8 })
  expect((await one<HTMLSelectElement>('select.speed')).value).to.equal('2')
})

it('POP-9 volume and mute', async () => {
  await showPlayer([recording('r1', { seconds: 3 })])
  await press('Play')
  await playing()
  await press('Volume')
  const range = await one<HTMLInputElement>('input[type=range]')
  range.value = '40'
  range.dispatchEvent(new Event('input', { bubbles: true }))
  expect(current().volume).to.be.closeTo(0.4, 0.001)
  await press('Mute')
  expect(current().muted).to.equal(true)
  await waitUntil(() => range.value === '0')
  await press('Sound on')
  expect(current().muted).to.equal(false)
})

it('POP-9 several parts are one recording: one length, one line, one after the other', async () => {
  await showPlayer([recording('r1', { seconds: 1 }), recording('r2', { seconds: 2 })], {
    seconds: 1,
  })
  expect(all('ringside-recording')).to.have.length(1)
  expect((await slider()).ariaValueMax).to.equal('3')
  await waitUntil(() => all('.joint').length === 1)
  await press('Play')
  await playing()
  const first = current()
  await waitUntil(() => played.length > 1 && current().currentTime > 0.1)
  expect(first.paused).to.equal(true)
  await waitUntil(async () => (await valueNow()) >= 1)
  key(await slider(), 'Home')
  await waitUntil(() => current() === first && !first.paused)
  key(await slider(), 'End')
  await waitUntil(async () => (await button('Play')) !== undefined)
  await press('Play')
  await waitUntil(() => current() === first && first.currentTime < 0.9, 'it begins again')
})

it('POP-9 one side of a stereo recording is heard alone, on both ears', async () => {
  const taps: AnalyserNode[] = []
  const connect: (this: AudioNode, to: AudioNode, output?: number) => void =
    AudioNode.prototype.connect
  AudioNode.prototype.connect = function (this: AudioNode, to: AudioNode, ...rest: number[]) {
    if (to instanceof AudioDestinationNode) taps.push(tap(this))
    return Reflect.apply(connect, this, [to, ...rest])
  } as typeof AudioNode.prototype.connect
  try {
    await showPlayer([recording('r1', { seconds: 6 })], { seconds: 6, right: 0 })
    await press('Left')
    await press('Play')
    await playing()
    await waitUntil(() => taps.length === 2 && level(taps[0]!) > 0.1)
    expect(level(taps[1]!), 'on the right ear, too').to.be.greaterThan(0.1)
    expect((await button('Left')).ariaPressed).to.equal('true')
    await press('Right')
    await waitUntil(() => level(taps[0]!) < 0.01 && level(taps[1]!) < 0.01)
    await press('Right')
    await waitUntil(() => level(taps[0]!) > 0.1 && level(taps[1]!) < 0.01)
  } finally {
    AudioNode.prototype.connect = connect as typeof AudioNode.prototype.connect
  }
  function tap(node: AudioNode): AnalyserNode {
    const splitter = node.context.createChannelSplitter(2)
    connect.call(node, splitter)
    const both = [0, 1].map((side) => {
      const analyser = node.context.createAnalyser()
      connect.call(splitter, analyser, side)
      return analyser
    })
    taps.push(both[0]!)
    return both[1]!
  }
})

it('POP-9 mono, or the same on both sides, has no sides to choose', async () => {
  const same = [100, 200, 50, 0]
  await showPlayer([recording('r1', { seconds: 3 })], {}, [same, same])
  await waitUntil(() => all('path').length > 0)
  expect(all('ringside-waveform .side')).to.have.length(0)
})

it('POP-9 an address that has ended is replaced, and the sound goes on at the same place', async () => {
  let asked = 0
  const good = wav({ seconds: 3 })
  const server = await showPlayer([recording('r1', { seconds: 3 })], {}, undefined, {
    'GET /api/recordings/r1': () => {
      asked += 1
      // The first is refused, as after two hours; the second is as good as ended already.
      return detail('r1', asked === 1 ? '/gone.wav' : good, asked === 2 ? at(0) : at(-7200))
    },
  })
  key(await slider(), 'ArrowRight')
  await waitUntil(async () => (await valueNow()) === 3)
  key(await slider(), 'Home')
  ;(await player()).play()
  await playing()
  expect(asked).to.equal(2)
  await press('Pause')
  const stopped = current().currentTime
  await press('Play')
  await waitUntil(() => asked === 3 && !current().paused && current().currentTime > stopped)
  expect(current().currentTime).to.be.lessThan(stopped + 1)
  expect(server.requests.length).to.be.greaterThan(2)
})

const failures = [
  {
    name: 'a recording that is gone',
    answer: () => detail('r1', '/gone.wav'),
    text: 'This recording has been deleted.',
    canRetry: false,
  },
  {
    name: 'a kind that the browser cannot play',
    answer: () => detail('r1', URL.createObjectURL(new Blob(['not sound'], { type: 'audio/wav' }))),
    text: 'This browser cannot play this kind of recording. Download it to listen.',
    canRetry: false,
  },
  {
    name: 'a server that is away',
    answer: () => detail('r1', 'http://127.0.0.1:9/audio'),
    text: 'The telephony server was not reached.',
    canRetry: true,
  },
]
for (const { name, answer, text, canRetry } of failures) {
  it(`POP-9 ${name} is said in plain words`, async () => {
    await showPlayer([recording('r1', { seconds: 3 })], {}, undefined, {
      'GET /api/recordings/r1': answer,
    })
    await press('Play')
    const alert = await one('ringside-recording [role=alert]')
    expect(textOf(alert)).to.contain(text)
    expect(alert.querySelector('button') !== null).to.equal(canRetry)
    await button('Play')
  })
}

it('POP-9 who starts stops the others', async () => {
  await showPlayer([recording('r1', { seconds: 3 })], {}, undefined, {}, [
    recording('r2', { seconds: 3 }),
  ])
  await waitUntil(() => all('ringside-recording .play').length === 2)
  const [first, second] = all<RingsideRecording>('ringside-recording')
  first!.play()
  await playing()
  const heard = current()
  second!.play()
  await waitUntil(() => current() !== heard && !current().paused)
  expect(heard.paused).to.equal(true)
  const now = current()
  // Another tab, or another copy of the script.
  new BroadcastChannel('ringside-player').postMessage('another')
  await waitUntil(() => now.paused)
  await waitUntil(() => texts('ringside-recording .play').length === 2)
})

it('POP-9 the picture comes when it has been measured, and is asked for a few times only', async () => {
  let asked = 0
  let drawn = 0
  const loader = createPeaksLoader(
    async () => {
      asked += 1
      return asked < 3 ? { state: 'pending', channels: [] } : { state: 'ready', channels: [[1, 2]] }
    },
    () => {
      drawn += 1
    },
    1,
  )
  loader.need(['r1'])
  loader.need(['r1'])
  await waitUntil(() => drawn === 1)
  expect(asked).to.equal(3)
  expect(loader.of('r1')).to.deep.equal([[1, 2]])
  let refused = 0
  const never = createPeaksLoader(
    async () => {
      refused += 1
      return { state: 'pending', channels: [] }
    },
    () => undefined,
    1,
  )
  never.need(['r1'])
  await waitUntil(() => refused === 6)
  never.close()
})

it('POP-9 a recording that is late says so, and appears by itself', async () => {
  const call = { ...ended(), endedAt: at(20) }
  const server = await showPlayer([], {}, undefined, {}, [], call)
  expect(textOf(await one('ringside-case-message'))).to.contain('Recording on its way')
  const late = { ...call, recordings: [recording('r1', { callId: call.id, seconds: 3 })] }
  const message = messageView({ id: 'm0', kind: 'call', text: '', call: late })
  server.push('case', { ...caseView({ version: 4 }), message, withdrawnTo: null })
  await player()
  await waitUntil(() => !textOf(all('ringside-case-message')[0]!).includes('on its way'))
})

it('CTL-7 where the recording was paused is hatched in the picture and said in words', async () => {
  const pauses = [
    { from: 1, to: 2 },
    { from: 3, to: null },
  ]
  await showPlayer([recording('r1', { seconds: 4, pauses })])
  await waitUntil(() => all('rect.pause').length === 2)
  const [first, second] = all<SVGRectElement>('rect.pause').map(
    (rect) => rect as unknown as SVGRectElement,
  )
  const whole = (await slider()).getBoundingClientRect().width
  expect(first!.x.baseVal.value).to.be.closeTo(whole / 4, 1.5)
  expect(first!.width.baseVal.value).to.be.closeTo(whole / 4, 1.5)
  expect(second!.x.baseVal.value + second!.width.baseVal.value).to.be.closeTo(whole, 1.5)
  expect(texts('.pauses')[0]).to.contain('Recording paused 0:01–0:02, 0:03 to the end')
})

it('POP-9 a download goes by its own address, in a tab of its own; who may not has no button', async () => {
  await showPlayer([recording('r1', { seconds: 3 })])
  await press('Download')
  await waitUntil(() => clicked.length === 1)
  expect(clicked[0]?.href).to.equal(
    'https://calls.example.com/api/recordings/r1/audio?use=download',
  )
  expect(clicked[0]?.target).to.equal('_blank')
  widget.remove()
  await showPlayer([recording('r1', { seconds: 3 })], {}, undefined, {}, [], ended(), [
    'recordings',
  ])
  await button('Volume')
  expect(all('[data-download]')).to.have.length(0)
})

it('EMBED-6 by its id alone it finds out the rest', async () => {
  const server = await showPlayer([])
  const lone = document.createElement('ringside-recording')
  await import('../../widget/elements/recording.ts')
  lone.setAttribute('recording-id', 'r1')
  Object.assign(lone, { client: server.client })
  widget.shadowRoot!.append(lone)
  await waitUntil(
    () => lone.shadowRoot?.querySelector('.time')?.textContent?.includes('0:03') === true,
  )
  expect(lone.shadowRoot!.querySelector('.pauses')?.textContent).to.contain('0:01')
  lone.play()
  await playing()
  const heard = current()
  // A framework moves it: it is silent, and plays again when asked to.
  widget.shadowRoot!.append(document.createElement('div'), lone)
  await waitUntil(() => heard.paused)
  await lone.updateComplete
  lone.play()
  await waitUntil(() => current() !== heard && current().currentTime > 0.05)
  lone.remove()
})

function ended() {
  return answered({
    id: 'c9',
    state: 'ended',
    outcome: 'answered',
    endedAt: at(500),
    talkSeconds: 3,
    caseId: 'case-1',
    userId: 'user-1',
  })
}

interface Sound {
  readonly seconds?: number
  /** How loud the right side is; without it the sound is mono. */
  readonly right?: number
}

async function showPlayer(
  parts: readonly RecordingView[],
  sound: Sound = {},
  peaks: readonly (readonly number[])[] = sound.right === undefined ? [[9, 200]] : [[200], [0]],
  answers: Record<string, unknown> = {},
  others: readonly RecordingView[] = [],
  call = ended(),
  capabilities: string[] = ['recordings', 'download'],
) {
  const messages = [parts, others].filter((list, index) => index === 0 || list.length > 0)
  const usual = Object.fromEntries(
    [...parts, ...others, recording('r1')].flatMap(({ id }) => [
      [`GET /api/recordings/${id}/peaks`, { state: 'ready', channels: peaks }],
      [`GET /api/recordings/${id}`, () => detail(id, wav(sound))],
    ]),
  )
  const server = await show({
    me: { ...ME, capabilities },
    users: [userView()],
    cases: [
      caseView({
        messages: messages.map((recordings, index) =>
          messageView({
            id: `m${index}`,
            kind: 'call',
            text: '',
            call: { ...call, id: index === 0 ? call.id : `c${index}`, recordings: [...recordings] },
          }),
        ),
      }),
    ],
    answers: { ...usual, ...answers },
  })
  await widget.openCase('case-1')
  if (parts.length > 0) await one('ringside-recording .play')
  else await one('ringside-case-message')
  return server
}

function detail(id: string, audioUrl: string, audioUrlExpiresAt = at(-7200)) {
  if (audioUrl.startsWith('blob:')) addresses.push(audioUrl)
  return {
    ...recording(id, { seconds: 3, pauses: [{ from: 1, to: 2 }] }),
    audioUrl: new URL(audioUrl, location.href).href,
    audioUrlExpiresAt,
    downloadUrl: `/api/recordings/${id}/audio?use=download`,
  }
}

/** A tone as a WAV file. */
function wav({ seconds = 3, right }: Sound): string {
  const [rate, channels] = [8000, right === undefined ? 1 : 2]
  const frames = Math.round(rate * seconds)
  const samples = new Int16Array(frames * channels)
  for (let frame = 0; frame < frames; frame += 1) {
    const tone = Math.sin((frame / rate) * 440 * 2 * Math.PI) * 0x6000
    for (let channel = 0; channel < channels; channel += 1) {
      samples[frame * channels + channel] = tone * (channel === 1 ? (right ?? 1) : 1)
    }
  }
  const bytes = wavOf(samples, { rate, channels })
  return URL.createObjectURL(new Blob([bytes], { type: 'audio/wav' }))
}

/** How loud it is right now, from 0 to 1. */
function level(analyser: AnalyserNode): number {
  const samples = new Float32Array(analyser.fftSize)
  analyser.getFloatTimeDomainData(samples)
  return Math.max(...samples.map(Math.abs))
}
