/** What the settings ask of the server; what went wrong belongs to fields where the server names them. */
import { ApiError } from '../client/api.ts'
import type { Client } from '../client/client.ts'

export interface AdminApi {
  readonly get: <T>(path: string, signal?: AbortSignal) => Promise<T>
  /** An answer that is no JSON, such as a dialplan. */
  readonly text: (path: string) => Promise<string>
  /** Everything of a list, page after page; at most `max`. */
  readonly list: <T>(path: string, max?: number) => Promise<readonly T[]>
  readonly post: <T>(path: string, body?: unknown) => Promise<T>
  readonly put: <T>(path: string, body: unknown) => Promise<T>
  readonly patch: <T>(path: string, body: unknown) => Promise<T>
  readonly delete: (path: string) => Promise<void>
  /** The type of the file is told as its `Content-Type`. */
  readonly upload: <T>(path: string, file: Blob, type: string) => Promise<T>
}

/** Messages by the path of their field, such as `ari.url`. */
export type FieldErrors = Readonly<Record<string, string>>

interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** The requests of admins, with the admin's token. */
export function adminApi({ api }: Client): AdminApi {
  const send =
    (method: string) =>
    <T>(path: string, body?: unknown): Promise<T> =>
      api.send<T>(method, path, { body })
  const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
    api.get<T>(path, signal === undefined ? {} : { signal })
  return {
    get,
    text: (path) => api.get<string>(path, { isText: true }),
    async list<T>(path: string, max = 1000) {
      const items: T[] = []
      const sign = path.includes('?') ? '&' : '?'
      let cursor = ''
      do {
        const page: Page<T> = await get(`${path}${sign}limit=200${cursor}`)
        items.push(...page.items)
        cursor = page.next === null ? '' : `&cursor=${encodeURIComponent(page.next)}`
      } while (cursor !== '' && items.length < max)
      return items
    },
    post: send('POST'),
    put: send('PUT'),
    patch: send('PATCH'),
    delete: send('DELETE'),
    upload: <T>(path: string, file: Blob, type: string) =>
      api.send<T>('POST', path, { file, headers: { 'Content-Type': type } }),
  }
}

/** What the server says of each field; the first message counts. */
export function fieldErrors(error: unknown): FieldErrors {
  const errors: Record<string, string> = {}
  for (const { path, message } of error instanceof ApiError ? error.errors : []) {
    errors[path] ??= message
  }
  return errors
}
