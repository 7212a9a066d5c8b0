import { comment, type Encoding, isSet, steps, type Words } from './words.ts'

/** What the subroutines are made for. */
export interface SubroutineOptions {
  readonly words: Words
  readonly encoding: Encoding
  /** As it is written into the dialplan. */
  readonly webhookUrl: string
  readonly timeZone: string
  readonly recordings: boolean
}

/** What numbers and extensions are made of; a caller chooses their own, and may choose anything. */
const NUMBER = '+*#0-9A-Za-z._\\-'
/** Whose channel it is: `PJSIP/101-0000001f`, and `Local/101` of a queue's `Local/101@from-queue-0000001f;1`. */
const PHONE = `\${CUT(CHANNEL,@,1)}`
/** A header of 44 bytes and nothing behind it: a call in which nobody talked. */
const EMPTY_WAV_BYTES = 44

/** The subroutines that tell Ringside of a call, as lines of `extensions.conf`. */
export function subroutines(options: SubroutineOptions): readonly string[] {
  return [
    ...post(options),
    ...begin(options),
    ...ring(options),
    ...answer(options),
    ...end(options),
    ...(options.recordings ? record(options) : []),
  ]
}

// ---- one event --------------------------------------------------------------

function post({ words, ...rest }: SubroutineOptions): readonly string[] {
  return [
    ...comment(`
Sends one event. Asterisk waits for the answer, so it waits two seconds at most; without
these two lines it would be 180. Whatever Ringside says, the call goes on.`),
    words.context('ringside-post'),
    ...steps('s', [...postSteps(rest), `(sent)${words.leave}`]),
    '',
  ]
}

function postSteps({
  encoding,
  webhookUrl,
  timeZone,
}: Omit<SubroutineOptions, 'words'>): readonly string[] {
  const value = (variable: string): string =>
    encoding === 'uri' ? `\${URIENCODE(\${${variable}})}` : `\${${variable}}`
  const time = `\${STRFTIME(\${EPOCH},${timeZone},%d.%m.%Y-%H:%M:%S)}`
  const fields = [
    `datetime=${encoding === 'uri' ? `\${URIENCODE(${time})}` : time}`,
    `from_user=${value('RINGSIDE_FROM')}`,
    `to_user=${value('RINGSIDE_TO')}`,
    `queue=${value('RINGSIDE_QUEUE')}`,
    `call_duration=\${RINGSIDE_SECONDS}`,
    `unique_id=${value('RINGSIDE_ID')}`,
    `status=\${RINGSIDE_STATUS}`,
  ]
  return [
    'Set(CURLOPT(conntimeout)=2)',
    'Set(CURLOPT(httptimeout)=2)',
    `Set(RINGSIDE_RESULT=\${CURL(${webhookUrl},${fields.join('&')})})`,
    `GotoIf($[\${LEN(\${RINGSIDE_RESULT})} = 2]?sent)`,
    `Log(WARNING,Ringside did not take \${RINGSIDE_STATUS} of \${RINGSIDE_ID}: \${RINGSIDE_RESULT:0:200})`,
  ]
}

// ---- the steps of a call ----------------------------------------------------

function begin({ words }: SubroutineOptions): readonly string[] {
  const id = `\${FILTER(0-9A-Za-z._\\-,\${UNIQUEID})}`
  const atEnd =
    words.flavour === 'gosub' ? ['Set(CHANNEL(hangup_handler_push)=ringside-end,s,1)'] : []
  return [
    ...comment(`
An incoming call begins. Argument: the number that was called.
The two underscores hand a variable on to the channels that this one calls.`),
    words.context('ringside-incoming'),
    ...steps('s', [
      `GotoIf(${isSet('RINGSIDE_ID')}?known)`,
      `Set(__RINGSIDE_ID=${id})`,
      'Set(__RINGSIDE_KIND=incoming)',
      `Set(__RINGSIDE_FROM=\${FILTER(${NUMBER},\${CALLERID(num)})})`,
      `Set(RINGSIDE_TO=\${FILTER(${NUMBER},\${ARG1})})`,
      ...atEnd,
      'Set(RINGSIDE_STATUS=incoming_start)',
      words.call('ringside-post'),
      `(known)${words.leave}`,
    ]),
    '',
    ...comment(`
An outgoing call begins. Arguments: the number that is called; who calls, where the name of
the channel does not say it (PJSIP/101-0000001f is 101).`),
    words.context('ringside-outgoing'),
    ...steps('s', [
      `GotoIf(${isSet('RINGSIDE_ID')}?known)`,
      `Set(__RINGSIDE_ID=${id})`,
      'Set(__RINGSIDE_KIND=outgoing)',
      `Set(__RINGSIDE_FROM=${PHONE})`,
      `ExecIf(${isSet('ARG2')}?Set(__RINGSIDE_FROM=\${FILTER(${NUMBER},\${ARG2})}))`,
      `Set(__RINGSIDE_TO=\${FILTER(${NUMBER},\${ARG1})})`,
      ...atEnd,
      'Set(RINGSIDE_STATUS=outgoing_start)',
      words.call('ringside-post'),
      `(known)${words.leave}`,
    ]),
    '',
  ]
}

function ring({ words, recordings, encoding }: SubroutineOptions): readonly string[] {
  // An "&" would end the field where nothing is encoded.
  const listed = encoding === 'raw' ? `\${REPLACE(ARG1,&,|)}` : `\${ARG1}`
  const isIncoming = `GotoIf($["\${RINGSIDE_KIND}" != "incoming"]?done)`
  const recorded = recordings ? [words.call('ringside-record')] : []
  return [
    ...comment(`
Extensions ring, within an incoming call. Argument: one, or several as Dial has them: 101&102.`),
    words.context('ringside-ring'),
    ...steps('s', [
      isIncoming,
      `Set(RINGSIDE_TO=${listed})`,
      'Set(RINGSIDE_STATUS=incoming_ring)',
      words.call('ringside-post'),
      ...recorded,
      `(done)${words.leave}`,
    ]),
    '',
    ...comment(`
A queue rings, within an incoming call. Argument: its name; Asterisk knows the members.`),
    words.context('ringside-queue'),
    ...steps('s', [
      isIncoming,
      `Set(__RINGSIDE_QUEUE=\${ARG1})`,
      `Set(RINGSIDE_TO=\${QUEUE_MEMBER_LIST(\${ARG1})})`,
      'Set(RINGSIDE_STATUS=incoming_queue)',
      words.call('ringside-post'),
      ...recorded,
      `(done)${words.leave}`,
    ]),
    '',
  ]
}

function answer({ words }: SubroutineOptions): readonly string[] {
  return [
    ...comment(`
Somebody answers: called by Dial's option ${words.dialOption('ringside-answer')} or by Queue, on the channel that answers.
The call's first channel keeps the time: the duration is counted from the first answer.`),
    words.context('ringside-answer'),
    ...steps('s', [
      `GotoIf($[\${LEN(\${RINGSIDE_ID})} = 0]?done)`,
      `ExecIf($[\${LEN(\${MASTER_CHANNEL(RINGSIDE_ANSWERED)})} = 0]?Set(MASTER_CHANNEL(RINGSIDE_ANSWERED)=\${EPOCH}))`,
      `Set(RINGSIDE_STATUS=\${RINGSIDE_KIND}_answer)`,
      `GotoIf($["\${RINGSIDE_KIND}" = "outgoing"]?send)`,
      `Set(RINGSIDE_TO=${PHONE})`,
      `Set(MASTER_CHANNEL(RINGSIDE_TO)=\${RINGSIDE_TO})`,
      `(send)${words.call('ringside-post')}`,
      `(done)${words.leave}`,
    ]),
    '',
  ]
}

function end({ words, ...rest }: SubroutineOptions): readonly string[] {
  const why =
    words.flavour === 'gosub'
      ? "The end of a call, on its first channel: ringside-incoming and ringside-outgoing made it that channel's hangup handler."
      : 'The end of a call: called from the extension h of each context below. It sends by itself:\non a hung up channel a Macro within a Macro stops after its first step.'
  const send = words.flavour === 'gosub' ? [words.call('ringside-post')] : postSteps(rest)
  const isOver = words.flavour === 'gosub' ? [] : ['(sent)Set(RINGSIDE_ID=)']
  return [
    ...comment(why),
    words.context('ringside-end'),
    ...steps('s', [
      `GotoIf($[\${LEN(\${RINGSIDE_ID})} = 0]?over)`,
      `ExecIf(${isSet('RINGSIDE_ANSWERED')}?Set(RINGSIDE_SECONDS=$[\${EPOCH} - 0\${RINGSIDE_ANSWERED}]))`,
      `Set(RINGSIDE_STATUS=\${RINGSIDE_KIND}_end)`,
      ...send,
      ...isOver,
      `(over)${words.leave}`,
    ]),
    '',
  ]
}

// ---- the recording ----------------------------------------------------------

function record({ words, webhookUrl }: SubroutineOptions): readonly string[] {
  const file = '^{MIXMONITOR_FILENAME}'
  const curl = [
    'curl --silent --show-error --fail --retry 5 --speed-time 60 --max-time 900 --output /dev/null',
    `--form status=record --form unique_id=\${RINGSIDE_ID} --form record=@${file} '${webhookUrl}'`,
  ].join(' ')
  // MixMonitor cuts its command off at 1,023 characters.
  const upload = `for pause in 0 60 900\\; do sleep $pause && ${curl} && break\\; done`
  const isEmpty = `test $(wc -c < ${file}) -le ${EMPTY_WAV_BYTES}`
  return [
    ...comment(`
Records while people talk, and uploads the file in the background when the call is over: at
once, and where Ringside cannot be reached some more times within the next quarter of an hour.
The file is removed when it has arrived, or when nobody talked. Nothing that comes from the
telephone network is part of the command; ^{...} is put in by MixMonitor.`),
    words.context('ringside-record'),
    ...steps('s', [
      `GotoIf(${isSet('RINGSIDE_RECORDED')}?done)`,
      'Set(__RINGSIDE_RECORDED=yes)',
      `MixMonitor(ringside-\${RINGSIDE_ID}.wav,b,${isEmpty} || ${upload} && rm -f ${file})`,
      `(done)${words.leave}`,
    ]),
    '',
  ]
}
