/**
 * Not a FreePBX: the few lines of its dialplan that lead to the generated hooks, written after its
 * sources (core: macro-dial-one and macro-dialout-trunk; queues: ext-queues, with its members as
 * `Local/101@from-queue/n`). What FreePBX does beside them is not here.
 */
export function freepbxStandIn(isFrom21: boolean): Readonly<Record<string, string>> {
  const queue = isFrom21
    ? `Queue(\${EXTEN},t,,,60,,\${QGOSUB})`
    : `Queue(\${EXTEN},t,,,60,,,\${QGOSUB})`
  const members = (extensions: readonly string[]): string =>
    extensions.map((extension) => `member => Local/${extension}@from-queue/n,0`).join('\n')
  const extensionsConf = `[general]
static = yes
writeprotect = yes

; what the admin sets: the trunk's context
[from-trunk]
exten => _X.,1,Goto(ringside-from-pstn,\${EXTEN},1)

[from-pstn]
exten => _7495100010[1-6],1,Goto(from-queue,\${EXTEN:-3},1)
exten => 74951000200,1,Goto(ext-queues,support,1)
exten => 74951000300,1,Goto(ext-queues,sales,1)

[ext-queues]
exten => _s.,1,Answer()
 same => n,Set(__NODEST=\${EXTEN})
 same => n,Set(QUEUENUM=\${EXTEN})
 same => n,${queue}
 same => n,Hangup()

[from-queue]
exten => _10[1-6],1,Set(EXTTOCALL=\${EXTEN})
 same => n,Set(D_OPTIONS=tr)
 same => n,Gosub(macro-dialout-one-predial-hook,s,1)
 same => n,Dial(PJSIP/\${EXTTOCALL},30,\${D_OPTIONS})
 same => n,Hangup()

[from-agents]
exten => _[+789]XXXX.,1,Set(AMPUSER=101)
 same => n,Set(OUTNUM=\${EXTEN})
 same => n,Set(DIAL_TRUNK_OPTIONS=T)
 same => n,Gosub(macro-dialout-trunk-predial-hook,s,1)
 same => n,Dial(PJSIP/\${OUTNUM}@trunk,40,\${DIAL_TRUNK_OPTIONS})
 same => n,Hangup()

`
  const queuesConf = `[general]
[support]
strategy = ringall
timeout = 15
joinempty = yes
${members(['101', '102', '103'])}
[sales]
strategy = ringall
timeout = 15
joinempty = yes
${members(['104', '105'])}
`
  return { 'extensions.conf': extensionsConf, 'queues.conf': queuesConf }
}
