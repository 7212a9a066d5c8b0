/**
 * Rejects where the work takes longer than `ms` milliseconds, or the signal comes before its end; the
 * work itself goes on.
 */
export function within<T>(ms: number, work: Promise<T>, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new Error('stopped'))
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    })
  })
}
