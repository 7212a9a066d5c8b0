/** A whole number from the command line. */
export function wholeNumber(name: string, text: string, least = 1): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least) return number
  throw new Error(`--${name} is "${text}", expected a whole number from ${least} on`)
}
