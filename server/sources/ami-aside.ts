import type { AmiAction } from './ami-action.ts'
import { type AmiOptions, connectAmi } from './ami-client.ts'
import type { AmiPacket } from './ami-packet.ts'

/** The phone rings for 30 s; then the answer comes. */
const ORIGINATE_MS = 45_000

/** Asterisk answers nothing else on a session, and tells no events, while an action of it is under way. */
export function blocksSession({ name, fields }: AmiAction): boolean {
  return name === 'Originate' && !fields.some(([key]) => key === 'Async')
}

/** Sends one action on a session of its own, which is closed after its answer. */
export async function sendAside(
  account: Omit<AmiOptions, 'onEvent' | 'onClose' | 'eventMask' | 'actionTimeoutMs'>,
  action: AmiAction,
): Promise<AmiPacket> {
  const session = await connectAmi({
    ...account,
    eventMask: 'off',
    actionTimeoutMs: ORIGINATE_MS,
    // It is silent for as long as the phone rings.
    pingEveryMs: ORIGINATE_MS,
    wants: () => false,
    onEvent: () => undefined,
    onClose: () => undefined,
  })
  try {
    return await session.send(action)
  } finally {
    session.close()
  }
}
