import assert from 'node:assert/strict'
import test, { after, afterEach, before } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { createHostPage, type HostPage } from '../support/host-page.ts'
import { openInMemory } from '../support/in-memory.ts'
import { connectTo, linkUp, until } from '../support/linked.ts'
import { createFakePbx, FAKE_ACCOUNT, type FakePbx } from '../support/model-pbx.ts'
import { recordedAmi } from '../support/recorded-ami.ts'
import { createWorld, type World } from '../support/world.ts'

const READS =
  'Ping CoreShowChannels CoreSettings BridgeList Status QueueStatus DeviceStateList PJSIPShowEndpoints ListCommands Getvar'
const ACTS =
  'Originate Hangup QueuePause Atxfer CancelAtxfer BlindTransfer Park PlayDTMF MuteAudio MixMonitorMute'
const READER = { userName: 'reader', secret: 'reader-secret', allowed: READS.split(' ') }
const ACCOUNT = { ...FAKE_ACCOUNT, allowed: `${READS} ${ACTS}`.split(' ') }
const TALKING = ['hold', 'mute', 'transfer', 'dtmf', 'hangup']
const MEMBER =
  'Queue: support\r\nInterface: PJSIP/101\r\nMemberName: Anna\r\nMembership: static\r\nStatus: 1\r\n'

let pbx: FakePbx
let world: World
let browser: Browser
let hostPage: HostPage
const contexts: BrowserContext[] = []
const closing: (() => Promise<unknown> | unknown)[] = []
/** What the PBX does when it is asked, besides saying yes. */
const reactions = new Map<string, (fields: ReadonlyMap<string, string>) => string>()

before(async () => {
  const accounts = [ACCOUNT, READER]
  pbx = await createFakePbx({ accounts, endpoints: ['101', '102', '103', 'trunk'] })
  closing.push(() => pbx.close())
  pbx.onAction = (name, fields) => {
    const packets = reactions.get(name)?.(fields) ?? ''
    if (packets.startsWith('Response: Error')) return packets
    // Asterisk answers first.
    if (packets !== '') setImmediate(() => tell(packets))
    return null
  }
  tell(`Event: QueueMemberAdded\r\n${MEMBER}Paused: 0\r\n\r\n`)
  world = await createWorld(async () => openInMemory())
  closing.push(() => world.close())
  await connectTo(world, pbx, { options: { traceQueuesState: true, asyncOriginate: true } })
  browser = await launchBrowser()
  closing.push(() => browser.close())
  hostPage = await createHostPage(world.url, {
    attributes: 'data-intercept-tel',
    body: '<a href="tel:+7-903-555-77-88">Call the customer</a>',
  })
  closing.push(() => hostPage.close())
})

afterEach(async () => {
  reactions.clear()
  for (const context of contexts.splice(0)) await context.close()
})

after(async () => {
  for (const close of closing.reverse()) await close()
})

test('CTL-1 CTL-4 CTL-6 an incoming call: the bar offers what works, a refusal says why, a colleague is asked and the caller taken back', async () => {
  const call = recordedAmi('attended-transfer-cancelled')
  const anna = await open('anna')
  const boris = await open('boris')
  tell(call.upTo('Event: Newstate', '101-0000000d', 'Ringing'))
  await popup(anna).getByText('+7 916 123-45-67').waitFor()
  assert.equal(await bar(anna).count(), 0)

  tell(call.upTo('Event: BridgeEnter', 'PJSIP/trunk'))
  await bar(anna).getByText('Talking').waitFor()
  assert.deepEqual(await controls(anna), TALKING)
  assert.equal(await bar(boris).count(), 0)

  await press(anna, 'mute')
  await bar(anna).getByText('Muted').waitFor()
  assert.equal(asked('MuteAudio').get('channel'), 'PJSIP/101-0000000d')
  await press(anna, 'unmute')
  await bar(anna).getByText('Talking').waitFor()

  await press(anna, 'dtmf')
  await anna.locator('ringside-keypad').getByRole('button', { name: '5' }).click()
  await until(() => pbx.actions.some(({ name }) => name === 'PlayDTMF'))
  assert.equal(asked('PlayDTMF').get('digit'), '5')
  await press(anna, 'dtmf')

  const why = 'Response: Error\r\n{id}Message: Cannot set mute flag\r\n\r\n'
  reactions.set('MixMonitorMute', () => why)
  await bar(anna).getByRole('button', { name: 'More' }).click()
  await press(anna, 'pause-recording')
  await bar(anna)
    .getByRole('alert')
    .getByText(/Pause the recording.* did not work\. The PBX refused\. Cannot set mute flag/)
    .waitFor()
  reactions.delete('MixMonitorMute')

  await press(anna, 'transfer')
  const target = anna.locator('ringside-transfer [role=option]').filter({ hasText: 'boris' })
  await target.getByText('Free').waitFor()
  await boris.getByRole('button', { name: /^Open calls/ }).click()
  await boris.getByRole('button', { name: 'My state: Free' }).click()
  await boris.getByRole('button', { name: 'Lunch' }).click()
  await target.getByText(/Away.*Lunch/).waitFor()

  await target.click()
  reactions.set('Atxfer', () => call.upTo('Event: Newstate', 'PJSIP/102', 'Ringing'))
  await anna.locator('ringside-transfer').getByRole('button', { name: 'Ask first' }).click()
  await bar(anna)
    .getByText(/Ringing .*boris/)
    .waitFor()
  assert.equal(asked('Atxfer').get('exten'), '102')
  tell(call.upTo('Event: BridgeEnter', 'Local/102', ';2'))
  await bar(anna)
    .getByText(/Talking with .*boris/)
    .waitFor()
  assert.deepEqual(await controls(anna), ['transfer-complete', 'transfer-cancel', 'mute', 'dtmf'])
  assert.equal(await bar(anna).count(), 1, 'a consultation has no bar of its own')
  assert.equal((await bar(boris).count()) + (await popup(boris).count()), 0)

  reactions.set('CancelAtxfer', () => call.upTo('Event: Hangup\r', 'PJSIP/102'))
  await press(anna, 'transfer-cancel')
  await bar(anna).getByText('Talking', { exact: true }).waitFor()
  assert.deepEqual(await controls(anna), TALKING)

  reactions.set('Hangup', () => call.rest())
  await press(anna, 'hangup')
  await bar(anna).waitFor({ state: 'detached' })
  assert.equal(asked('Hangup').get('channel'), 'PJSIP/101-0000000d')
  await boris.getByRole('button', { name: /My state: .*Away/ }).click()
  await boris.getByRole('button', { name: /^Free/ }).click()
})

test('CTL-4 a transfer is completed: the colleague has the caller, with what was typed', async () => {
  const call = recordedAmi('attended-transfer')
  const anna = await open('anna')
  const boris = await open('boris')
  tell(call.upTo('Event: BridgeEnter', 'PJSIP/trunk'))
  await anna
    .getByRole('button', { name: /create a case/i })
    .first()
    .click()
  await anna.getByLabel('Subject').fill('The parcel has not come')
  reactions.set('Atxfer', () => call.upTo('Event: BridgeEnter', 'Local/102', ';2'))
  await press(anna, 'transfer')
  await anna.locator('ringside-transfer input').fill('bor')
  await anna.keyboard.press('Shift+Enter')
  await bar(anna)
    .getByText(/Talking with .*boris/)
    .waitFor()

  reactions.set('Hangup', () => call.upTo('Event: Hangup\r', 'PJSIP/101'))
  await press(anna, 'transfer-complete')
  await bar(anna).waitFor({ state: 'detached' })
  await bar(boris).getByText('+7 916 123-45-67').waitFor()
  assert.deepEqual(await controls(boris), TALKING)
  await boris
    .getByRole('button', { name: /create a case/i })
    .first()
    .click()
  assert.equal(await boris.getByLabel('Subject').inputValue(), 'The parcel has not come')
  tell(call.rest())
  await bar(boris).waitFor({ state: 'detached' })
})

test('CTL-1 hold parks the caller and frees the phone; resume rings it and takes the caller back', async () => {
  const call = recordedAmi('parked-picked-up', { 'PJSIP/102-': 'PJSIP/101-', ': 102': ': 101' })
  const anna = await open('anna')
  tell(call.upTo('Event: BridgeEnter', 'PJSIP/trunk'))
  await bar(anna).getByText('Talking').waitFor()
  await anna.getByRole('button', { name: 'Close this panel' }).click()
  reactions.set('Park', () => call.upTo('Event: BridgeEnter', 'PJSIP/trunk'))
  reactions.delete('Hangup')
  await press(anna, 'hold')
  await bar(anna).getByText('On hold').waitFor()
  assert.deepEqual(await controls(anna), ['resume', 'hangup'])

  reactions.set('Originate', () => call.upTo('Event: Hangup\r', 'PJSIP/101-00000013'))
  await press(anna, 'resume')
  await bar(anna).getByText('Talking').waitFor()
  assert.equal(asked('Originate').get('exten'), '701')
  assert.deepEqual(await controls(anna), TALKING)
  assert.equal(await anna.locator('ringside-panel').count(), 0, 'the profile opens once')
  reactions.set('Hangup', () => call.rest())
  await press(anna, 'hangup')
  await bar(anna).waitFor({ state: 'detached' })
})

test('CTL-2 a tel: link dials; the profile opens once, and the call is there once', async () => {
  const anna = await open('anna')
  let rest = ''
  reactions.set('Originate', (fields) => {
    const call = recordedAmi('originate-ami', {
      'ringside-1795228934.1': fields.get('channelid') ?? '',
    })
    const ringing = call.upTo('Event: Newstate', 'PJSIP/trunk', 'Ringing')
    rest = call.rest()
    return ringing
  })
  await anna.getByRole('link', { name: 'Call the customer' }).click()
  await bar(anna).getByText('Ringing').waitFor()
  await anna.locator('ringside-panel').getByText('+7 903 555-77-88').first().waitFor()
  assert.deepEqual(await controls(anna), ['hangup'])
  assert.equal(await bar(anna).count(), 1)
  assert.equal(await popup(anna).count(), 0)
  await anna.getByRole('button', { name: 'Close this panel' }).click()
  tell(rest)
  await bar(anna).waitFor({ state: 'detached' })
  assert.equal(await anna.locator('ringside-panel').count(), 0, 'the profile opens once')
  const { body } = await world.api('GET', '/api/calls?direction=outgoing&limit=50')
  assert.equal(body.items.length, 1)
  assert.equal(body.items[0].to.e164, '+79035557788')
})

test('CALL-13 a click on a colleague has a bar for who dialled, and a pop-up where internal calls are shown', async () => {
  const path = `/api/connections/${world.connectionId}`
  for (const internalCalls of [false, true]) {
    assert.equal((await world.api('PATCH', path, { internalCalls })).status, 200)
    await linkUp(world)
    const anna = await open('anna')
    const boris = await open('boris')
    const change = { '79035557788': '102', 'PJSIP/trunk-': 'PJSIP/102-' }
    let rest = ''
    reactions.set('Originate', (fields) => {
      const id = fields.get('channelid') ?? ''
      const call = recordedAmi('originate-ami', { ...change, 'ringside-1795228934.1': id })
      const ringing = call.upTo('Event: Newstate', 'PJSIP/102', 'Ringing')
      rest = call.rest()
      return ringing
    })
    await anna.locator('ringside-widget').evaluate((widget: any) => widget.dial('102'))
    await bar(anna).getByText('boris').waitFor()
    if (internalCalls) await popup(boris).getByText('anna').first().waitFor()
    else {
      await until(async () => (await activeCalls('boris')).length === 1)
      assert.equal(await popup(boris).count(), 0)
    }
    tell(rest)
    await bar(anna).waitFor({ state: 'detached' })
    await popup(boris).waitFor({ state: 'detached' })
  }
})

test('CTL-6 the agent pauses in a queue, as every page shows', async () => {
  const anna = await open('anna')
  reactions.set('QueuePause', () => `Event: QueueMemberPause\r\n${MEMBER}Paused: 1\r\n\r\n`)
  await anna.getByRole('button', { name: /^Open calls/ }).click()
  await anna.getByRole('button', { name: 'Pause: support' }).click()
  await anna.getByRole('button', { name: 'Take calls: support' }).waitFor()
  assert.deepEqual(
    ['interface', 'queue', 'paused'].map((key) => asked('QueuePause').get(key)),
    ['PJSIP/101', 'support', 'true'],
  )
})

test('CTL-1 with a read-only account the controls go from the open page, and the call stays', async () => {
  const call = recordedAmi('parked-picked-up', { '1795248454.24': '1795248999.24' })
  const anna = await open('anna')
  tell(call.upTo('Event: BridgeEnter', 'PJSIP/trunk'))
  await bar(anna).getByText('Talking').waitFor()
  assert.deepEqual(await controls(anna), TALKING)
  await connectTo(world, pbx, { userName: READER.userName, secret: READER.secret })
  await until(async () => (await controls(anna)).length === 0)
  assert.equal(await bar(anna).count(), 1)
  const { body } = await world.api('GET', '/api/me', undefined, 'anna')
  assert.deepEqual(body.controls, {})
})

/** Something happens in the PBX, packet by packet. */
function tell(packets: string): void {
  for (const [packet] of packets.matchAll(/.+?\r\n\r\n(?:\r\n)*/gs)) pbx.tell(packet)
}

const bar = (page: Page) => page.locator('ringside-call-bar')
const popup = (page: Page) => page.locator('ringside-popup')
const press = (page: Page, name: string) => bar(page).locator(`[data-act=${name}]`).click()

function controls(page: Page): Promise<(string | null)[]> {
  return bar(page)
    .locator('[data-act]')
    .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('data-act')))
}

/** What the PBX was asked last. */
function asked(name: string): ReadonlyMap<string, string> {
  const found = pbx.actions.findLast((action) => action.name === name)
  assert.ok(found, `the PBX was asked for ${name}`)
  return found.fields
}

async function activeCalls(agent: string): Promise<unknown[]> {
  return (await world.api('GET', '/api/calls?state=active', undefined, agent)).body.items
}

async function open(agent: string): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  contexts.push(context)
  const page = await context.newPage()
  page.setDefaultTimeout(8_000)
  page.on('pageerror', (error) => assert.fail(`the page threw: ${error.message}`))
  await page.goto(hostPage.url(world.token(agent)))
  await page.getByRole('button', { name: /^Open calls/ }).waitFor()
  // Whoever is offline is seen as there once the server knows of the page.
  await page.waitForFunction(() => {
    const { client } = document.querySelector('ringside-widget') as any
    return (
      client?.state.isReady && client.state.agents.get(client.state.me?.id)?.state !== 'offline'
    )
  })
  return page
}
