import type { FaultStage } from './stage.ts'
export async function goSilent(_: FaultStage): Promise<void> {}
