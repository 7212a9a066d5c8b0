/** States of sound and notifications. */
import type { Scenes } from '../scene.ts'

export const alertsScenes: Scenes = {}
