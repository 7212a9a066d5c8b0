import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { encodeAction } from '../../server/sources/ami-action.ts'
import { AmiError } from '../../server/sources/ami-error.ts'
import { createAmiParser } from '../../server/sources/ami-parser.ts'

const HOSTILE = [
  '\r',
  '\n',
  '\r\n',
  '\u0000',
  '101\r\n\r\nAction: Command\r\nCommand: core stop now',
  '101\nAction: Originate',
  '101\rAction: Originate',
  '\u0085',
  '\u2028',
  '\u2029',
  '\u000b',
  '\u000c',
  '\u001b[2J',
  '\u007f',
  '\ud800',
  'a\udfffb',
  'x'.repeat(1100),
  'я'.repeat(600),
]

function isBadAction(error: unknown): boolean {
  return error instanceof AmiError && error.code === 'bad-action'
}

for (const text of HOSTILE) {
  const shown = JSON.stringify(text.slice(0, 60))
  test(`SAFE-6 ${shown} cannot be sent in a value, a key or a name`, () => {
    assert.throws(
      () => encodeAction({ name: 'Originate', fields: [['Channel', text]] }),
      isBadAction,
    )
    assert.throws(() => encodeAction({ name: 'Originate', fields: [[text, 'x']] }), isBadAction)
    assert.throws(() => encodeAction({ name: text, fields: [] }), isBadAction)
  })
}

test('SAFE-6 a key is a word', () => {
  for (const key of ['', ' ', 'a b', 'a:b', 'Action: Logoff\r\nX', ':', 'я', ' Key']) {
    assert.throws(() => encodeAction({ name: 'Ping', fields: [[key, 'x']] }), isBadAction, key)
  }
})

test('SAFE-6 an action that Asterisk would not take whole is not sent', () => {
  const fields = Array.from({ length: 130 }, () => ['Variable', 'a=b'] as const)
  assert.throws(() => encodeAction({ name: 'Originate', fields }), isBadAction)
})

test('SAFE-6 an error does not repeat the value', () => {
  const action = { name: 'Login', fields: [['Secret', 'hush\nhush']] as const }
  assert.throws(
    () => encodeAction(action),
    (error: Error) => !error.message.includes('hush'),
  )
})

test('SAFE-6 a character whose code ends in that of a line end is sent as UTF-8', () => {
  // Written as one byte each, these would be LF, CR and NUL.
  const bytes = encodeAction({ name: 'Ping', fields: [['Text', '\u010a\u010d\u0100']] })
  assert.equal(bytes.toString('utf8'), 'Action: Ping\r\nText: \u010a\u010d\u0100\r\n\r\n')
  assert.equal(bytes.filter((byte) => byte === 10).length, 3)
})

test('AMI-1 an action is written in order, repeated keys too', () => {
  const bytes = encodeAction({
    name: 'Originate',
    fields: [
      ['Channel', 'PJSIP/101'],
      ['Variable', 'A=1'],
      ['Variable', 'B=2:3'],
      ['CallerID', 'Иван <101>'],
      ['Async', ''],
    ],
  })
  assert.equal(
    bytes.toString('utf8'),
    'Action: Originate\r\nChannel: PJSIP/101\r\nVariable: A=1\r\nVariable: B=2:3\r\n' +
      'CallerID: Иван <101>\r\nAsync: \r\n\r\n',
  )
})

test('AMI-1 what is written is what is read, and one action stays one', () => {
  const key = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/)
  const value = fc.string({ unit: 'binary', maxLength: 60 })
  const fields = fc.array(fc.tuple(key, value), { maxLength: 20 })
  fc.assert(
    fc.property(fields, fc.infiniteStream(fc.integer({ min: 1, max: 20 })), (given, sizes) => {
      let bytes: Buffer
      try {
        bytes = encodeAction({ name: 'Test', fields: given })
      } catch (error) {
        assert.ok(isBadAction(error))
        return
      }
      const read: unknown[] = []
      const parser = createAmiParser({ onPacket: (packet) => read.push(packet.fields) })
      for (let at = 0; at < bytes.length; ) {
        const size = sizes.next().value ?? 1
        parser.feed(bytes.subarray(at, at + size))
        at += size
      }
      // A tab is sent, and read as the space that texts have here.
      const expected = given.map(([name, text]) => [name, text.replaceAll('\t', ' ')])
      assert.deepEqual(read, [[['Action', 'Test'], ...expected]])
    }),
    { numRuns: 500 },
  )
})
