/** States of the list of cases and the missed-call desk. */
import type { Scenes } from '../scene.ts'

export const casesScenes: Scenes = {}
