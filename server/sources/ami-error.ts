export type AmiErrorCode =
  | 'unreachable'
  | 'tls'
  /** What answers is no manager interface. */
  | 'not-ami'
  /** The PBX knows no such account, or its secret is another one. */
  | 'login-refused'
  /** The PBX said no to an action; `message` has its words. */
  | 'refused'
  | 'timeout'
  | 'closed'
  /** An action that must not be sent: its text could become a second one. */
  | 'bad-action'

/** Why a connection to the manager interface or one of its actions failed. */
export class AmiError extends Error {
  override readonly name = 'AmiError'
  readonly code: AmiErrorCode

  constructor(code: AmiErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
