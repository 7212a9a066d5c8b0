import { parseAsteriskElement } from '../setup/asterisk-element.ts'
import type { ConnectionChange } from '../setup/edit-connection.ts'
import { parseInput } from './route.ts'
import { elementInput } from './setup-schemas.ts'

/** A connection as an admin writes it, its options spelled out. */
export type WithElement<T> = Omit<T, 'ami' | 'options'> & Pick<ConnectionChange, 'ami' | 'options'>

/** Takes the account and the options out of an element that was pasted (AMI-5). */
export function readElement<
  T extends {
    readonly ami?: ConnectionChange['ami']
    readonly options?: object | string | undefined
  },
>(input: T, hasAccount: boolean): WithElement<T> {
  const { ami, options, ...rest } = input
  if (typeof options !== 'string') {
    return { ...rest, ami, options: options as ConnectionChange['options'] }
  }
  const element = parseAsteriskElement(options)
  const read = parseInput(elementInput, {
    options: element.options,
    ...(element.ami === null ? {} : { ami: element.ami }),
  })
  // What is written beside the element counts, such as whether calls come by this account.
  const account =
    read.ami === undefined ? ami : { ...(hasAccount ? {} : { events: true }), ...read.ami, ...ami }
  return { ...rest, ami: account, options: read.options }
}
