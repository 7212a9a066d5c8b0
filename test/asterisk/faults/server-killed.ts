import type { FaultStage } from './stage.ts'
export async function killServers(_: FaultStage): Promise<void> {}
