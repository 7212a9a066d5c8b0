/** AMI-5: the options of a connection, by the names that administrators know. */
export interface AsteriskOptions {
  /** A file of recorded manager packets read instead of a socket; empty: none. */
  readonly filePath: string
  readonly originateContext: string
  readonly parkingLotContext: string
  readonly autoPauseOnCommutationStart: boolean
  /** `{0}` is the extension; empty: the extension's own endpoint. */
  readonly queueExtensionFormat: string
  readonly asyncOriginate: boolean
  readonly sendRingStartedOnRingingState: boolean
  readonly traceQueuesState: boolean
  readonly packetInfoConfig: readonly string[]
}

/** What is not set is as in most PBXs. */
export function readOptions(options: Readonly<Record<string, unknown>>): AsteriskOptions {
  const text = (name: string, otherwise: string): string => {
    const value = options[name]
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : otherwise
  }
  const names = options.packetInfoConfig
  return {
    filePath: text('filePath', ''),
    originateContext: text('originateContext', 'from-internal'),
    parkingLotContext: text('parkingLotContext', 'parkedcalls'),
    autoPauseOnCommutationStart: options.autoPauseOnCommutationStart === true,
    queueExtensionFormat: text('queueExtensionFormat', ''),
    asyncOriginate: options.asyncOriginate !== false,
    sendRingStartedOnRingingState: options.sendRingStartedOnRingingState === true,
    traceQueuesState: options.traceQueuesState === true,
    packetInfoConfig: Array.isArray(names) ? names.map(String) : [],
  }
}
