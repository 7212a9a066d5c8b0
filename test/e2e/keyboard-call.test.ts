/** What is done about a call that goes on, and a recording heard, without a mouse. */
import assert from 'node:assert/strict'
import test, { after, afterEach, before } from 'node:test'
import type { Browser, BrowserContext } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { createHostPage, type HostPage } from '../support/host-page.ts'
import { openInMemory } from '../support/in-memory.ts'
import {
  assertNamed,
  eventually,
  type Keyboard,
  openKeyboard,
  plain,
  REPLY,
  SUMMON,
} from '../support/keyboard.ts'
import { connectTo, until } from '../support/linked.ts'
import { createFakePbx, FAKE_ACCOUNT, type FakePbx } from '../support/model-pbx.ts'
import { type RecordedAmi, recordedAmi } from '../support/recorded-ami.ts'
import { wavOf } from '../support/wav.ts'
import { createWorld, type World } from '../support/world.ts'

const ALLOWED =
  'Ping CoreShowChannels CoreSettings BridgeList Status QueueStatus DeviceStateList PJSIPShowEndpoints ListCommands Getvar Originate Hangup QueuePause Atxfer CancelAtxfer BlindTransfer Park PlayDTMF MuteAudio MixMonitorMute'
const MEMBER =
  'Queue: support\r\nInterface: PJSIP/101\r\nMemberName: Anna\r\nMembership: static\r\nStatus: 1\r\n'
const REFUSAL = 'Response: Error\r\n{id}Message: Cannot set mute flag\r\n\r\n'

let pbx: FakePbx
let world: World
let browser: Browser
let hostPage: HostPage
let context: BrowserContext | null = null
const closing: (() => Promise<unknown> | unknown)[] = []
/** What the PBX does when it is asked, besides saying yes. */
const reactions = new Map<string, () => string>()

before(async () => {
  const accounts = [{ ...FAKE_ACCOUNT, allowed: ALLOWED.split(' ') }]
  pbx = await createFakePbx({ accounts, endpoints: ['101', '102', '103', 'trunk'] })
  closing.push(() => pbx.close())
  pbx.onAction = (name) => {
    const packets = reactions.get(name)?.() ?? ''
    if (packets.startsWith('Response: Error')) return packets
    if (packets !== '') setImmediate(() => tell(packets))
    return null
  }
  tell(`Event: QueueMemberAdded\r\n${MEMBER}Paused: 0\r\n\r\n`)
  world = await createWorld(async () => openInMemory())
  closing.push(() => world.close())
  await connectTo(world, pbx, { options: { traceQueuesState: true, asyncOriginate: true } })
  browser = await launchBrowser()
  closing.push(() => browser.close())
  hostPage = await createHostPage(world.url, { body: REPLY })
  closing.push(() => hostPage.close())
})

afterEach(async () => {
  reactions.clear()
  await context?.close()
  context = null
})

after(async () => {
  for (const close of closing.reverse()) await close()
})

test('A11Y-2 mute, keypad, a refusal, a transfer that is asked first and taken back, the end', async () => {
  const call = recordedAmi('attended-transfer-cancelled')
  const anna = await open()
  await talking(anna, call)
  await anna.press(SUMMON)
  await anna.isOn(/^Incoming call$/)
  await anna.press(SUMMON)
  await anna.isOn(/^Hold$/)
  await assertNamed(anna)
  await anna.tabTo(/^Mute$/)
  await anna.press('Space')
  await anna.isOn(/^Unmute$/)
  await anna.hears(/^Muted$/)
  await anna.press('Space')
  await anna.isOn(/^Mute$/)

  await anna.tabTo(/^Keypad$/)
  await anna.press('Enter')
  await anna.isOn(/^1$/)
  await anna.type('5#')
  await until(() => asked('PlayDTMF').length === 2)
  await anna.hears(/^5#$/)
  await assertNamed(anna)
  await anna.press('Escape')
  await anna.isOn(/^Keypad$/)

  reactions.set('MixMonitorMute', () => REFUSAL)
  await anna.tabTo(/^More$/, 'Shift+Tab')
  await anna.press('Enter')
  await anna.tabTo(/^Pause the recording/)
  await anna.press('Enter')
  await anna.isOn(/^More$/)
  await anna.hears(/did not work\. The PBX refused\. Cannot set mute flag/)

  await anna.tabTo(/^Transfer$/)
  await anna.press('Enter')
  await anna.isOn(/^Name, extension or number$/)
  await assertNamed(anna)
  await anna.type('bor')
  reactions.set('Atxfer', () => call.upTo('Event: BridgeEnter', 'Local/102', ';2'))
  await anna.press('Shift+Enter')
  await anna.hears(/^Talking with boris$/)
  assert.equal(asked('Atxfer').at(-1)?.get('exten'), '102')
  assert.equal((await anna.focus()).isInWidget, true, 'the focus stays with the call')
  reactions.set('CancelAtxfer', () => call.upTo('Event: Hangup\r', 'PJSIP/102'))
  await tabToBar(anna, /^Take back$/)
  await anna.press('Enter')
  await anna.hears(/^Talking$/)

  reactions.set('Hangup', () => call.rest())
  await tabToBar(anna, /^Hang up$/)
  await anna.press('Enter')
  await bar(anna).waitFor({ state: 'detached' })
  assert.equal((await anna.focus()).isInWidget, true, 'the focus goes on to the panel')
  await toPage(anna)
})

test('A11Y-2 a call is passed on at once by Enter, and an asked colleague gets it', async () => {
  const call = recordedAmi('attended-transfer')
  const anna = await open()
  await talking(anna, call)
  await anna.press(SUMMON)
  await anna.isOn(/^Incoming call$/)
  await anna.press(SUMMON)
  await anna.isOn(/^Hold$/)
  await anna.tabTo(/^Transfer$/)
  await anna.press('Enter')
  await anna.isOn(/^Name, extension/)
  const why = 'Response: Error\r\n{id}Message: Busy\r\n\r\n'
  reactions.set('BlindTransfer', () => why)
  await anna.type('boris')
  await anna.press('ArrowDown', 'ArrowUp', 'Enter')
  await anna.hears(/“Transfer” did not work/)
  assert.equal(asked('BlindTransfer').at(-1)?.get('exten'), '102')
  await anna.isOn(/^Name, extension/)

  reactions.set('Atxfer', () => call.upTo('Event: BridgeEnter', 'Local/102', ';2'))
  await anna.press('Shift+Enter')
  await anna.hears(/^Talking with boris$/)
  reactions.set('Hangup', () => call.upTo('Event: Hangup\r', 'PJSIP/101'))
  await tabToBar(anna, /^Complete$/)
  await anna.press('Enter')
  await bar(anna).waitFor({ state: 'detached' })
  tell(call.rest())
  await toPage(anna)
})

test('A11Y-2 a queue is paused, and a missed caller called back', async () => {
  const anna = await open()
  reactions.set('QueuePause', () => `Event: QueueMemberPause\r\n${MEMBER}Paused: 1\r\n\r\n`)
  await anna.press(SUMMON)
  await anna.isOn(/^Calls$/)
  await anna.press('m')
  await anna.tabTo(/^Pause: support$/)
  await anna.press('Space')
  await anna.isOn(/^Take calls: support$/)
  assert.equal(asked('QueuePause').at(-1)?.get('paused'), 'true')
  await anna.tabTo(/^support/, 'Shift+Tab')
  await anna.press('Enter')
  await anna.page.locator('ringside-queues .members').waitFor()
  await assertNamed(anna)

  const missed = { unique_id: '1640854015.77', from_user: '+79160000077', to_user: '101' }
  await world.hook({ ...missed, status: 'incoming_ring' })
  world.tick(5)
  await world.hook({ ...missed, status: 'incoming_end' })
  await anna.tabTo(/^Call \+7 916 000-00-77 back$/)
  await anna.press('Enter')
  await until(() => asked('Originate').length === 1)
  await toPage(anna)
})

test('A11Y-2 a recording: played, gone through, faster, one side; its position is spoken', async () => {
  const anna = await open()
  const call = { unique_id: '1640854015.88', from_user: '+79160000088', to_user: '101' }
  for (const status of ['incoming_ring', 'incoming_answer', 'incoming_end']) {
    await world.hook({ ...call, status })
    world.tick(5)
  }
  assert.equal(await world.record(call.unique_id, stereo(40), 'record.wav'), 200)
  await until(async () => (await world.call(call.unique_id)).recordings[0]?.seconds != null)
  const { id } = await world.caseOf(call.unique_id)
  await anna.page.evaluate(async (caseId) => {
    await (
      document.querySelector('ringside-widget') as unknown as {
        openCase(id: string): Promise<void>
      }
    ).openCase(caseId)
  }, id)
  await anna.tabTo(/^Play$/)
  await anna.press('Space')
  await anna.isOn(/^Pause$/)
  await anna.press('Space')
  await anna.isOn(/^Play$/)
  await anna.tabTo(/^Position in the recording$/)
  const slider = anna.page.getByRole('slider', { name: 'Position in the recording' })
  const spoken = async () => plain((await slider.getAttribute('aria-valuetext')) ?? '')
  const isSpoken = (text: string) => eventually(spoken, (value) => value === text, text)
  await anna.press('Home')
  await isSpoken('0 seconds of 40 seconds')
  await anna.press('ArrowRight')
  await isSpoken('5 seconds of 40 seconds')
  await anna.press('PageUp')
  await isSpoken('35 seconds of 40 seconds')
  await anna.press('ArrowLeft')
  await isSpoken('30 seconds of 40 seconds')
  await anna.tabTo(/^Left/)
  await anna.press('Space')
  await eventually(
    () => anna.page.getByRole('button', { name: /^Left/ }).getAttribute('aria-pressed'),
    (value) => value === 'true',
    'the left side alone',
  )
  await anna.tabTo(/^Speed/)
  await anna.type('1.5')
  await eventually(
    () => anna.page.getByRole('combobox', { name: 'Speed' }).inputValue(),
    (value) => value === '1.5',
    'faster',
  )
  await assertNamed(anna)
  await toPage(anna)
})

/** Something happens in the PBX, packet by packet. */
function tell(packets: string): void {
  for (const [packet] of packets.matchAll(/.+?\r\n\r\n(?:\r\n)*/gs)) pbx.tell(packet)
}

const bar = (anna: Keyboard) => anna.page.locator('ringside-call-bar')
const asked = (name: string) =>
  pbx.actions.filter((action) => action.name === name).map(({ fields }) => fields)

/** From wherever the focus is, through the bar. */
async function tabToBar(anna: Keyboard, name: RegExp): Promise<void> {
  await bar(anna).getByRole('button', { name }).waitFor()
  if (!name.test((await anna.focus()).name)) await anna.tabTo(name)
}

async function talking(anna: Keyboard, call: RecordedAmi): Promise<void> {
  tell(call.upTo('Event: BridgeEnter', 'PJSIP/trunk'))
  await bar(anna).getByText('Talking').waitFor()
  await anna.page.locator('ringside-panel h1').waitFor()
}

async function open(): Promise<Keyboard> {
  context = await browser.newContext({ reducedMotion: 'reduce' })
  const anna = await openKeyboard(context, hostPage.url(world.token('anna')))
  await anna.page.waitForFunction(() => {
    const { client } = document.querySelector('ringside-widget') as any
    return (
      client?.state.isReady && client.state.agents.get(client.state.me?.id)?.state !== 'offline'
    )
  })
  return anna
}

/** Out of the widget, and on with the sentence. */
async function toPage(anna: Keyboard): Promise<void> {
  for (let step = 0; step < 6 && (await anna.focus()).isInWidget; step += 1) {
    await anna.press('Escape')
  }
  await anna.type('on')
  assert.equal(await anna.page.locator('#reply').inputValue(), 'Dear on')
}

/** Two tones, one on each side. */
function stereo(seconds: number): Uint8Array {
  const samples = new Int16Array(seconds * 8_000 * 2)
  for (let at = 0; at < samples.length; at += 2) {
    samples[at] = Math.round(Math.sin(at / 2 / 3) * 12_000)
    samples[at + 1] = Math.round(Math.sin(at / 2 / 9) * 6_000)
  }
  return wavOf(samples, { channels: 2 })
}
