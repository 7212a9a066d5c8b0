import assert from 'node:assert/strict'
import test from 'node:test'
import { parseAsteriskElement } from '../../server/setup/asterisk-element.ts'

const ELEMENT = `<asterisk
   filePath=""
   url="pbx.example.com" port="5038" userName="crm" secret="a &amp; b"
   originateContext="from-internal" parkingLotContext='parkedcalls'
   autoPauseOnCommutationStart="true" queueExtensionFormat="Local/{0}@from-queue/n"
   asyncOriginate="True" sendRingStartedOnRingingState="false" traceQueuesState="1"
   packetInfoConfig="CRM_ID, X-Trunk;Language" somethingElse="5" />`

test('AMI-5 the attributes of an asterisk element are the account and the options', () => {
  assert.deepEqual(parseAsteriskElement(ELEMENT), {
    ami: { host: 'pbx.example.com', port: 5038, userName: 'crm', secret: 'a & b' },
    options: {
      filePath: '',
      originateContext: 'from-internal',
      parkingLotContext: 'parkedcalls',
      queueExtensionFormat: 'Local/{0}@from-queue/n',
      autoPauseOnCommutationStart: true,
      asyncOriginate: true,
      sendRingStartedOnRingingState: false,
      traceQueuesState: true,
      packetInfoConfig: ['CRM_ID', 'X-Trunk', 'Language'],
    },
  })
})

test('AMI-5 attributes alone, an element with an end tag and other letters are the same', () => {
  const attributes = ELEMENT.replace('<asterisk', '').replace('/>', '')
  const expected = parseAsteriskElement(ELEMENT)
  assert.deepEqual(parseAsteriskElement(attributes), expected)
  assert.deepEqual(parseAsteriskElement(ELEMENT.replace('/>', '></asterisk>')), expected)
  assert.deepEqual(parseAsteriskElement(ELEMENT.replace('userName', 'USERNAME')), expected)
})

for (const { text, ami } of [
  { text: 'url="10.0.0.5"', ami: { host: '10.0.0.5' } },
  { text: 'url="tcp://10.0.0.5:6038/"', ami: { host: '10.0.0.5', port: 6038, tls: false } },
  { text: 'url="tls://pbx"', ami: { host: 'pbx', port: 5039, tls: true } },
  { text: 'url="pbx:5038" port="5044"', ami: { host: 'pbx', port: 5044 } },
  { text: 'url="[::1]:5038"', ami: { host: '[::1]', port: 5038 } },
  { text: 'originateContext="x"', ami: null },
]) {
  test(`AMI-5 the account of ${text}`, () => {
    assert.deepEqual(parseAsteriskElement(text).ami, ami)
  })
}

for (const { text, message } of [
  { text: '<asterisk url=pbx secret="hidden-canary" />', message: /character \d+/ },
  { text: '<asterisk secret="hidden-canary /> nonsense', message: /character \d+/ },
  { text: 'asyncOriginate="perhaps"', message: /asyncOriginate is "perhaps"/ },
  { text: 'port="70000"', message: /port is "70000"/ },
  { text: 'url="two hosts"', message: /expected a host/ },
]) {
  test(`AMI-5 ${text} is refused in words that hold no secret`, () => {
    assert.throws(
      () => parseAsteriskElement(text),
      (error: Error) => {
        assert.match(error.message, message)
        assert.doesNotMatch(JSON.stringify({ ...error, message: error.message }), /canary/)
        return true
      },
    )
  })
}
