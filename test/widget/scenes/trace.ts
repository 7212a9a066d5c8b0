/** States of the trace of a call. */
import type { Scenes } from '../scene.ts'

export const traceScenes: Scenes = {}
