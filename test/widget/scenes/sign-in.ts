/** States of signing in by a personal link. */
import type { Scenes } from '../scene.ts'

export const signInScenes: Scenes = {}
