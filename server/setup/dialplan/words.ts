/** How the dialplan calls a subroutine: `Macro` until Asterisk 20, `Gosub` in any. */
export type Flavour = 'macro' | 'gosub'

/** How values are sent: as they are, or URL-encoded. */
export type Encoding = 'raw' | 'uri'

/** What differs between Macro and Gosub. */
export interface Words {
  readonly flavour: Flavour
  /** The context of a subroutine. */
  context(name: string): string
  /** The step that calls a subroutine. */
  call(name: string, ...args: readonly string[]): string
  /** The option with which Dial calls it on the channel that answers. */
  dialOption(name: string): string
  /** The last step of a subroutine. */
  readonly leave: string
}

/** The words of one flavour. */
export function wordsOf(flavour: Flavour): Words {
  if (flavour === 'macro') {
    return {
      flavour,
      context: (name) => `[macro-${name}]`,
      call: (name, ...args) => `Macro(${[name, ...args].join(',')})`,
      dialOption: (name) => `M(${name})`,
      leave: 'NoOp()',
    }
  }
  return {
    flavour,
    context: (name) => `[${name}]`,
    call: (name, ...args) => `Gosub(${name},s,1${args.length > 0 ? `(${args.join(',')})` : ''})`,
    dialOption: (name) => `U(${name})`,
    leave: 'Return()',
  }
}

/** The steps of one extension; a step is an application, with a label before it where it has one. */
export function steps(extension: string, list: readonly string[]): readonly string[] {
  return list.map((step, index) => {
    const [, label = '', application = step] = /^(\([a-z0-9]+\))\s*(.+)$/.exec(step) ?? []
    return index === 0
      ? `exten => ${extension},1${label},${application}`
      : ` same => n${label},${application}`
  })
}

/** Lines of comment. */
export function comment(text: string): readonly string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => (line === '' ? ';' : `; ${line}`))
}

/** True for a variable that holds something; a text with quotes in it breaks a comparison, a length does not. */
export function isSet(variable: string): string {
  return `$[\${LEN(\${${variable}})} > 0]`
}

/**
 * Queue with the subroutine for who answers: until Asterisk 20 a Macro is the seventh argument and
 * a Gosub the eighth, from 21 on there is no Macro and the Gosub is the seventh.
 */
export function queue(name: string, flavour: Flavour, isFrom21: boolean): string {
  const empty = flavour === 'gosub' && !isFrom21 ? 5 : 4
  return `Queue(${[name, 't', ...Array<string>(empty).fill(''), 'ringside-answer'].join(',')})`
}
