/** States of the recording player. */
import type { Scenes } from '../scene.ts'

export const playerScenes: Scenes = {}
