import { comment, type Flavour, steps, wordsOf } from './words.ts'

export interface FreepbxOptions {
  /** How this FreePBX calls its hooks: by Macro until 16, by Gosub from 17 on. */
  readonly flavour: Flavour
  readonly recordings: boolean
}

/**
 * Where FreePBX lets others in, as lines of `extensions_custom.conf`. Written after the sources of
 * its modules core and queues, and run under a stand-in of them, not on a FreePBX.
 */
export function freepbxContexts({ flavour, recordings }: FreepbxOptions): readonly string[] {
  const words = wordsOf('gosub')
  const leave = flavour === 'macro' ? 'MacroExit()' : 'Return()'
  const record = recordings ? [words.call('ringside-record')] : []
  const incoming = [
    words.call('ringside-incoming', `\${EXTEN}`),
    ...record,
    'Set(QGOSUB=ringside-answer)',
    `Goto(from-pstn,\${EXTEN},1)`,
  ]
  return [
    ...comment(`
=== 2. FreePBX ===
NOT TRIED on a running FreePBX: this part was made after the sources of its modules core and
queues, and tried on Asterisk 16 and 22 under the lines of those that lead to it.
Compare it with the checklist of the connection, and with "asterisk -rvvv" during a call.
FreePBX has AMI and ARI accounts at hand (Settings, Asterisk Manager Users or Asterisk REST
Interface Users): with one of them Ringside needs none of this but the recordings.
Where one of these contexts is in your extensions_custom.conf already, put the steps into it.

Incoming calls: set the context of your trunk (Connectivity, Trunks; for pjsip: pjsip Settings,
Advanced) from "from-pstn" to "ringside-from-pstn".`),
    '[ringside-from-pstn]',
    ...steps('_[+0-9].', incoming),
    ...steps('s', incoming),
    '',
    ...comment(`
FreePBX comes here right before it rings an extension, also for each member of a queue.
A second U() in D_OPTIONS would take the place of this one: FreePBX 17 may have one of its own.`),
    '[macro-dialout-one-predial-hook]',
    ...steps('s', [
      `GotoIf($[\${LEN(\${RINGSIDE_ID})} = 0]?done)`,
      `Set(RINGSIDE_QUEUENUM=\${MASTER_CHANNEL(QUEUENUM)})`,
      `GotoIf($[\${LEN(\${RINGSIDE_QUEUENUM})} > 0]?queue)`,
      words.call('ringside-ring', `\${EXTTOCALL}`),
      `Set(D_OPTIONS=\${D_OPTIONS}U(ringside-answer))`,
      'Goto(done)',
      `(queue)GotoIf($["\${MASTER_CHANNEL(RINGSIDE_TOLD)}" = "\${RINGSIDE_QUEUENUM}"]?done)`,
      `Set(MASTER_CHANNEL(RINGSIDE_TOLD)=\${RINGSIDE_QUEUENUM})`,
      words.call('ringside-queue', `\${RINGSIDE_QUEUENUM}`),
      `(done)${leave}`,
    ]),
    '',
    ...comment('FreePBX comes here right before it dials through a trunk.'),
    '[macro-dialout-trunk-predial-hook]',
    ...steps('s', [
      words.call('ringside-outgoing', `\${OUTNUM}`, `\${AMPUSER}`),
      ...record,
      `Set(DIAL_TRUNK_OPTIONS=\${DIAL_TRUNK_OPTIONS}U(ringside-answer))`,
      leave,
    ]),
  ]
}
