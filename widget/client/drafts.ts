/** What the agent types is on the server within a second (CASE-3). */
import type { DraftView } from '../../server/http/schemas.ts'
import { type Api, ApiError } from './api.ts'
import type { Draft, Message } from './state.ts'

export interface Drafts {
  /** Takes what is typed now; saved shortly after. */
  readonly type: (callId: string, subject: string, essence: string) => void
  /** Saves what waits, and resolves when nothing is on its way any more. */
  readonly settle: (callId: string) => Promise<void>
  /** The call has its case: nothing is typed any more. */
  readonly drop: (callId: string) => void
  /** Sends what could not be saved: the server is back. */
  readonly retry: () => void
  /** Sends what waits at once: the page is being left. */
  readonly flush: () => void
}

export interface DraftsOptions {
  readonly api: Api
  readonly dispatch: (message: Message) => void
  readonly get: (callId: string) => Draft | null
  readonly delayMs?: number
}

/** While the server is away and has not said that it is back. */
const RETRY_MS = 5_000

/** Creates the autosave; one request per call at a time, the newest text last. */
export function createDrafts(options: DraftsOptions): Drafts {
  const delayMs = options.delayMs ?? 500
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  const sending = new Map<string, Promise<void>>()
  const failed = new Set<string>()

  function set(callId: string, draft: Draft): void {
    options.dispatch({ type: 'draft', callId, draft })
  }

  function save(callId: string, keepalive = false): void {
    clearTimeout(timers.get(callId))
    timers.delete(callId)
    const draft = options.get(callId)
    if (draft === null || draft.sync === 'saved') return
    // The running request is waited for, so that an older text never lands after a newer one.
    if (sending.has(callId) && !keepalive) return
    set(callId, { ...draft, sync: 'saving' })
    const body = { subject: draft.subject, essence: draft.essence }
    const request = options.api
      .send<DraftView>('PUT', `/api/calls/${callId}/draft`, { body, keepalive })
      .then(
        (saved) => after(callId, draft, 'saved', saved),
        (error: unknown) => {
          if (isSettled(error)) drop(callId)
          after(callId, draft, 'failed', null, isLost(error))
        },
      )
    sending.set(callId, request)
  }

  function after(
    callId: string,
    sent: Draft,
    sync: 'saved' | 'failed',
    saved: DraftView | null,
    retry = false,
  ): void {
    sending.delete(callId)
    failed.delete(callId)
    const draft = options.get(callId)
    if (draft === null || draft.sync === 'saved') return
    const isSame = draft.subject === sent.subject && draft.essence === sent.essence
    if (isSame) set(callId, { ...draft, ...(saved ?? {}), sync })
    if (!isSame) wait(callId, delayMs)
    else if (sync === 'failed') failed.add(callId)
    if (isSame && retry) wait(callId, RETRY_MS)
  }

  function wait(callId: string, ms: number): void {
    clearTimeout(timers.get(callId))
    timers.set(callId, setTimeout(save, ms, callId))
  }

  function drop(callId: string): void {
    clearTimeout(timers.get(callId))
    timers.delete(callId)
    set(callId, { subject: '', essence: '', updatedAt: null, updatedBy: null, sync: 'saved' })
  }

  return {
    type(callId, subject, essence) {
      const before = options.get(callId)
      set(callId, {
        subject,
        essence,
        updatedAt: before?.updatedAt ?? null,
        updatedBy: before?.updatedBy ?? null,
        sync: 'unsaved',
      })
      // Not put off by further typing: at most this long behind.
      if (!timers.has(callId)) wait(callId, delayMs)
    },
    async settle(callId) {
      await sending.get(callId)
      if (timers.has(callId)) save(callId)
      await sending.get(callId)
    },
    drop,
    retry() {
      for (const callId of failed) save(callId)
    },
    flush() {
      for (const callId of [...timers.keys()]) save(callId, true)
    },
  }
}

/** The server was not reached or is not well: worth another try. A refusal is not. */
function isLost(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500)
}

/** The call has its case, or is gone: there is nothing to type any more. */
function isSettled(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 409)
}
