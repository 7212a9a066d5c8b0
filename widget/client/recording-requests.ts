/** What the player asks of the server. Audio itself goes to `<audio>`, by a signed address. */
import type { PeaksView, RecordingDetailView } from '../../server/http/schemas.ts'
import type { Client } from './client.ts'

/** A recording with fresh addresses to listen to it and to save it. */
export async function loadRecording({ api }: Client, id: string): Promise<RecordingDetailView> {
  const found = await api.get<RecordingDetailView>(`/api/recordings/${encodeURIComponent(id)}`)
  const { audioUrl, downloadUrl } = found
  return {
    ...found,
    audioUrl: api.resolve(audioUrl),
    downloadUrl: downloadUrl ? api.resolve(downloadUrl) : null,
  }
}

export function loadPeaks({ api }: Client, id: string): Promise<PeaksView> {
  return api.get<PeaksView>(`/api/recordings/${encodeURIComponent(id)}/peaks`)
}

/** What the server says of an address that `<audio>` could not play, without loading it; 0: it was not reached. */
export async function statusOf(address: string): Promise<number> {
  try {
    const init = { headers: { range: 'bytes=0-0' }, credentials: 'omit' } as const
    const response = await fetch(address, init)
    await response.body?.cancel()
    return response.status
  } catch {
    return 0
  }
}
