import type { FaultStage } from './stage.ts'
export async function killPbx(_: FaultStage): Promise<void> {}
