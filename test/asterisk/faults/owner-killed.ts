import type { FaultStage } from './stage.ts'
export async function killOwners(_: FaultStage, __: string): Promise<void> {}
