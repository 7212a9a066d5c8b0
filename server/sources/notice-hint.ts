/** What to do about something of an event that was left out although the event was taken (CALL-7). */
export function hintOfNotice(notice: string): string {
  const hint = HINTS.find(({ of }) => of.test(notice))?.hint
  return hint === undefined ? TAKEN : `${hint} ${TAKEN}`
}

const TAKEN = 'The event was taken; only what is named here was left out.'

const HINTS: readonly { readonly of: RegExp; readonly hint: string }[] = [
  { of: /^a field is named/, hint: 'Give the field another name in the dialplan.' },
  { of: /^more than \d+ fields/, hint: 'Send only the fields that the events need.' },
  { of: /was cut at/, hint: 'Shorten the value: a list of extensions, not a whole variable dump.' },
  {
    of: /^to_user names \d+ extensions/,
    hint: 'Send the event from the channel that answered (the U() or M() option of Dial, the gosub or macro of Queue), with its own extension as to_user.',
  },
  {
    of: /^call_duration is/,
    hint: `Send call_duration=\${CDR(billsec)}; in the h extension \${ANSWEREDTIME} is filled, too.`,
  },
  {
    of: /recordings are switched off/,
    hint: 'Switch recordings on in the settings of this connection, or take the upload out of the dialplan.',
  },
]
