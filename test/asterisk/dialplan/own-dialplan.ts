/**
 * The dialplan that a PBX has already, and what its specialist writes into it. From [trunk] and
 * agents 101-103 calls go into the generated contexts; from [trunk-enc] and agents 104-106 they go
 * by own Dial and Queue lines, as the generated text shows them.
 */
export function ownDialplan(generated: string, isFrom21: boolean): string {
  const shown = shownLines(generated, isFrom21)
  const begin = shown.ready.get('74951000101')?.[0]?.replace(/^exten => 74951000101,1,/, '') ?? ''
  const own = (name: string): string => (shown.own.get(name) ?? []).join('\n')
  return `[general]
static = yes
writeprotect = yes

[from-trunk]
exten => _7495100010[1-6],1,${begin}
 same => n,Goto(ringside-to-person,\${EXTEN:-3},1)
${(shown.ready.get('74951000200') ?? []).join('\n')}
exten => 74951000300,1,${begin}
 same => n,Goto(ringside-to-queue,sales,1)

[from-agents]
include => internal
${(shown.ready.get('_[+0-9]XXXX.') ?? []).join('\n').replaceAll('my-trunk', 'trunk')}

[from-trunk-enc]
${own('74951000101')}
${own('74951000200')}
${own('h')}

[from-agents-enc]
include => internal
${own('_[+0-9]XXXX.').replaceAll('my-trunk', 'trunk-enc')}
${own('h')}

[internal]
exten => _10[1-6],1,Dial(PJSIP/\${EXTEN},30,tT)
 same => n,Hangup()

`
}

interface ShownLines {
  readonly ready: ReadonlyMap<string, readonly string[]>
  readonly own: ReadonlyMap<string, readonly string[]>
}

/** The examples in the generated comments, by extension: first those that use the ready contexts. */
function shownLines(generated: string, isFrom21: boolean): ShownLines {
  const section = generated.split('; === 2.')[1]?.split('; === 3.')[0] ?? ''
  const [ready = '', own = ''] = section.split('or by steps around')
  const until20 = /until 20 it is (Queue\(.*\))/.exec(own)?.[1]
  const isSwapped = until20 !== undefined && !isFrom21
  const chosen = isSwapped ? own.replace(/(n,)Queue\(.*\)/, (_all, step) => step + until20) : own
  return { ready: extensionsIn(ready), own: extensionsIn(chosen) }
}

function extensionsIn(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  let current: string[] = []
  for (const line of text.split('\n').map((each) => each.replace(/^; ?/, ''))) {
    const name = /^exten => ([^,]+),1,/.exec(line)?.[1]
    if (name !== undefined) {
      current = []
      found.set(name, current)
    }
    if (name !== undefined || line.startsWith(' same => ')) current.push(line)
  }
  return found
}
