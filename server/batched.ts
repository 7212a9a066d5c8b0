/**
 * Answers by one question what many ask for at the same time. One is asked at a time; whoever comes meanwhile waits for
 * the next, so that no answer is older than who asked for it.
 *
 * @param answerAll Gives as many answers as it was asked for, in their order.
 * @param atMost So many are asked for together.
 */
export function batched<Asked, Answer>(
  answerAll: (asked: readonly Asked[]) => Promise<readonly Answer[]>,
  atMost: number,
): (asked: Asked) => Promise<Answer> {
  const waiting: { asked: Asked; given: PromiseWithResolvers<Answer> }[] = []
  let isAsking = false
  const ask = async (): Promise<void> => {
    isAsking = true
    while (waiting.length > 0) {
      const batch = waiting.splice(0, atMost)
      try {
        const answers = await answerAll(batch.map(({ asked }) => asked))
        batch.forEach(({ given }, index) => void given.resolve(answers[index]!))
      } catch (error) {
        for (const { given } of batch) given.reject(error)
      }
    }
    isAsking = false
  }
  return (asked) => {
    const given = Promise.withResolvers<Answer>()
    waiting.push({ asked, given })
    if (!isAsking) void ask()
    return given.promise
  }
}
