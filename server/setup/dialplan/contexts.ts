import { comment, queue, steps, type Words } from './words.ts'

export interface ContextOptions {
  readonly words: Words
  /** The major version of the PBX's Asterisk; null where it is not known. */
  readonly version: number | null
  readonly recordings: boolean
}

/** Macro was removed in this version, and Queue's arguments moved up by one. */
export const FIRST_WITHOUT_MACRO = 21

/** How calls get to the subroutines, as lines of `extensions.conf`. */
export function readyContexts(options: ContextOptions): readonly string[] {
  return [
    ...comment('=== 2. Your own lines ==='),
    ...comment(ownLines(options)),
    '',
    ...comment('=== 3. Ready contexts ==='),
    ...toPerson(options),
    ...toQueue(options),
    ...toTrunk(options),
  ]
}

/**
 * What the PBX's own dialplan has to say, as an example: 101 is an extension, support a queue, and
 * my-trunk a trunk. The same lines run in `npm run test:dialplan`.
 */
function ownLines({ words, version, recordings }: ContextOptions): string {
  const onAnswer = words.dialOption('ringside-answer')
  const from21 = queue('support', words.flavour, true)
  const before21 = queue('support', words.flavour, false)
  const isFrom21 = (version ?? 0) >= FIRST_WITHOUT_MACRO
  const isEither = version === null && words.flavour === 'gosub'
  const extension = (name: string, list: readonly string[]): string => steps(name, list).join('\n')
  const [end] = atHangup(words)
  return `
Each call is told of in your own dialplan: either by the ready contexts below,

exten => 74951000101,1,${words.call('ringside-incoming', `\${EXTEN}`)}
 same => n,Goto(ringside-to-person,101,1)

exten => 74951000200,1,${words.call('ringside-incoming', `\${EXTEN}`)}
 same => n,Goto(ringside-to-queue,support,1)

exten => _[+0-9]XXXX.,1,Set(RINGSIDE_TRUNK=my-trunk)
 same => n,Goto(ringside-to-trunk,\${EXTEN},1)

or by steps around your own Dial and Queue:

${extension('74951000101', [
  words.call('ringside-incoming', `\${EXTEN}`),
  words.call('ringside-ring', '101'),
  `Dial(PJSIP/101,30,t${onAnswer})`,
])}

${extension('74951000200', [
  words.call('ringside-incoming', `\${EXTEN}`),
  words.call('ringside-queue', 'support'),
  'Answer()',
  isFrom21 || isEither ? from21 : before21,
])}${isEither ? `\nThat is for Asterisk 21 and later; until 20 it is ${before21}` : ''}

${extension('_[+0-9]XXXX.', [
  words.call('ringside-outgoing', `\${EXTEN}`),
  ...(recordings ? [words.call('ringside-record')] : []),
  `Dial(PJSIP/\${EXTEN}@my-trunk,60,T${onAnswer})`,
])}${end === undefined ? '' : `\n\nand once in each context that has such steps of its own:\n\n${end}`}`
}

function toPerson({ words }: ContextOptions): readonly string[] {
  const extension = `\${FILTER(0-9A-Za-z._\\-,\${EXTEN})}`
  return [
    ...comment(`
Goto(ringside-to-person,101,1) rings PJSIP/101. (chan_sip: write SIP/ for PJSIP/.)`),
    '[ringside-to-person]',
    ...steps('_[0-9A-Za-z].', [
      words.call('ringside-ring', extension),
      `Dial(PJSIP/${extension},30,t${words.dialOption('ringside-answer')})`,
      'Hangup()',
    ]),
    ...atHangup(words),
    '',
  ]
}

function toQueue({ words, version }: ContextOptions): readonly string[] {
  const before21 = queue(`\${EXTEN}`, words.flavour, false)
  const from21 = queue(`\${EXTEN}`, words.flavour, true)
  const isKnown = version !== null || words.flavour === 'macro'
  const isFrom21 = (version ?? 0) >= FIRST_WITHOUT_MACRO
  const known = [isFrom21 ? from21 : before21, 'Hangup()']
  const either = [
    `GotoIf($[0\${VERSION(ASTERISK_VERSION_NUM)} >= ${FIRST_WITHOUT_MACRO}0000]?from21)`,
    before21,
    'Hangup()',
    `(from21)${from21}`,
    'Hangup()',
  ]
  return [
    ...comment(`
Goto(ringside-to-queue,support,1) puts the caller into the queue "support".`),
    ...(isKnown
      ? []
      : comment(
          'Queue has its Gosub as eighth argument until Asterisk 20, as seventh from 21 on.',
        )),
    '[ringside-to-queue]',
    ...steps('_[0-9A-Za-z].', [
      words.call('ringside-queue', `\${EXTEN}`),
      'Answer()',
      ...(isKnown ? known : either),
    ]),
    ...atHangup(words),
    '',
  ]
}

function toTrunk({ words, recordings }: ContextOptions): readonly string[] {
  const number = `\${FILTER(+*#0-9,\${EXTEN})}`
  return [
    ...comment(`
Goto(ringside-to-trunk,\${EXTEN},1) after Set(RINGSIDE_TRUNK=name) calls the number through
the trunk PJSIP/name.`),
    '[ringside-to-trunk]',
    ...steps('_[+*#0-9].', [
      words.call('ringside-outgoing', number),
      ...(recordings ? [words.call('ringside-record')] : []),
      `Dial(PJSIP/${number}@\${RINGSIDE_TRUNK},60,T${words.dialOption('ringside-answer')})`,
      'Hangup()',
    ]),
    ...atHangup(words),
    '',
  ]
}

/** Gosub has a hangup handler of its own. */
function atHangup(words: Words): readonly string[] {
  return words.flavour === 'macro' ? steps('h', [words.call('ringside-end')]) : []
}
