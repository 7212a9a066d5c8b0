import { createHash } from 'node:crypto'
import type { Secret } from '../secret.ts'
import type { AmiAction } from './ami-action.ts'
import { AmiError } from './ami-error.ts'
import type { AmiPacket } from './ami-packet.ts'
import { because } from './check-cause.ts'

export interface AmiLogin {
  readonly userName: string
  readonly secret: Secret
  /** `on`, `off`, or classes such as `call,agent`. */
  readonly eventMask: string
  readonly tls: boolean
}

type Send = (action: AmiAction) => Promise<AmiPacket>

/** By an MD5 challenge; the secret itself is sent over TLS only, and where there is no challenge. */
export async function logIn(send: Send, login: AmiLogin): Promise<void> {
  const challenge = await askChallenge(send)
  if (challenge === null && !login.tls) {
    const message =
      'the PBX offers no MD5 challenge, and without TLS the secret is not sent as it is'
    throw new AmiError('login-refused', message, because('secret-not-sent'))
  }
  const secret = login.secret.reveal()
  const proof: AmiAction['fields'] =
    challenge === null
      ? [['Secret', secret]]
      : [
          ['AuthType', 'MD5'],
          ['Key', createHash('md5').update(`${challenge}${secret}`).digest('hex')],
        ]
  const fields: AmiAction['fields'] = [
    ['Username', login.userName],
    ...proof,
    ['Events', login.eventMask],
  ]
  try {
    await send({ name: 'Login', fields })
  } catch (error) {
    if (!isRefused(error)) throw error
    const message = `the PBX refused the login of "${login.userName}": ${error.message}`
    throw new AmiError('login-refused', message, error)
  }
}

async function askChallenge(send: Send): Promise<string | null> {
  try {
    const answer = await send({ name: 'Challenge', fields: [['AuthType', 'MD5']] })
    return answer.get('Challenge')
  } catch (error) {
    if (isRefused(error)) return null
    throw error
  }
}

function isRefused(error: unknown): error is AmiError {
  return error instanceof AmiError && error.code === 'refused'
}
