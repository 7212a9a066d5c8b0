import type { Log } from '../log.ts'
import { createFileStorage } from './file-storage.ts'
import type { RecordingsPlace } from './recordings-place.ts'
import { createS3Client } from './s3-client.ts'
import { createS3Send } from './s3-request.ts'
import { createS3Storage } from './s3-storage.ts'
import type { RecordingStorage } from './storage.ts'

/** Opens the storage that the configuration names; `folder` is where recordings wait for a bucket. */
export async function openRecordingStorage(
  place: RecordingsPlace,
  folder: string,
  log: Log,
): Promise<RecordingStorage> {
  if (place.type === 'file') return createFileStorage(place.folder)
  const send = createS3Send({ place: place.s3 })
  const storage = await createS3Storage({
    client: createS3Client(send, place.s3.prefix),
    folder,
    log,
  })
  const close = async (): Promise<void> => {
    await storage.close()
    send.close()
  }
  return { ...storage, close }
}
