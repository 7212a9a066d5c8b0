import type { Readable } from 'node:stream'
import type { StoredRecording } from '../calls/call.ts'

/** Where recordings are kept. */
export interface RecordingStorage {
  /**
   * Takes a file in as it arrives, never whole in memory. Nothing is kept until `keep` is called:
   * the call that it belongs to may be named after it in the same request.
   */
  receive(content: AsyncIterable<Uint8Array>, maxBytes: number): Promise<ReceivedFile>
  /** The bytes from `start` to `end`, both included; null where there is no such file. */
  open(
    key: string,
    range?: { readonly start: number; readonly end: number },
  ): Promise<OpenedFile | null>
  /** As a file, for what can only read files, until it is given back; null where there is none. */
  borrow(key: string, signal?: AbortSignal): Promise<BorrowedFile | null>
  remove(key: string): Promise<void>
  /** Everything that is kept, and since when; absent where it cannot be listed. */
  stored?(): AsyncIterable<StoredFile>
  /** Whether a recording can be taken in now, and whether those that are kept can be heard. */
  status(): Promise<StorageStatus>
  /** Acknowledged recordings that are still on their way to where they are to be. */
  waiting(): number
  close(): Promise<void>
}

/** `away`: recordings are taken in, and moved when their place is back. `broken`: they are refused. */
export type StorageStatus = 'up' | 'away' | 'broken'

export interface OpenedFile {
  /** What was asked for, or less where the file is shorter; to be read or destroyed. */
  readonly content: Readable
  /**
   * Of the whole file; null where its place does not tell, 0 where all that is told is that the file
   * ends before what was asked for.
   */
  readonly bytes: number | null
}

export interface StoredFile {
  readonly key: string
  readonly modifiedAt: Date
}

export interface BorrowedFile extends AsyncDisposable {
  readonly path: string
}

export type ReceivedFile =
  | { readonly type: 'received'; readonly upload: Upload }
  | { readonly type: 'too-large' }
  | { readonly type: 'not-audio' }
  | { readonly type: 'empty' }

/** A file that was received whole and waits for its place. */
export interface Upload {
  readonly mime: string
  readonly bytes: number
  readonly sha256: string
  /** Gives it its place; the same bytes of the same call are the same file. */
  keep(connectionId: string, uniqueId: string): Promise<KeptFile>
  discard(): Promise<void>
}

export interface KeptFile {
  readonly recording: StoredRecording
  /** False where the same bytes of the same call were there before. */
  readonly isNew: boolean
}
