/** The way from an empty server to a first right pop-up. */
export const STEPS = ['pbx', 'link', 'extensions', 'dialplan', 'check', 'log'] as const
export type Step = (typeof STEPS)[number]

export function toStep(text: string | undefined): Step {
  return STEPS.find((step) => step === text) ?? 'pbx'
}

export function stepAfter(step: Step): Step | null {
  return STEPS[STEPS.indexOf(step) + 1] ?? null
}
