/** One system notification per ringing call while no tab of this browser is looked at (POP-11). */
import type { CallView } from '../../server/http/schemas.ts'
import { customerOf, isLoadingUsers, secondsSince, selectCallUsers } from '../client/select.ts'
import type { State } from '../client/state.ts'
import { callerName, phone, plain } from '../format.ts'
import { currentLocale, t } from '../i18n/t.ts'

export interface Notices {
  /** Shows what rings, and takes away what does not any more. */
  show(state: State, calls: readonly CallView[], isSilent: boolean): void
  /** Takes away those of calls that are not among these. */
  keep(calls: readonly CallView[]): void
}

/** A caller who is being looked up is waited for this long. */
const LOOK_UP_SECONDS = 3
const MOST_LETTERS = 120

/** `onClick` is told which call the agent wants to see; the tab has the focus by then. */
export function createNotices(onClick: (callId: string) => void): Notices {
  const shown = new Map<string, { title: string; notice: Notification | null }>()

  function open(call: CallView, { title, body }: NoticeText, silent: boolean): Notification | null {
    try {
      // The same tag, also in another tab, replaces it: still one.
      const options = {
        body,
        tag: call.id,
        lang: currentLocale(),
        requireInteraction: true,
        silent,
      }
      const notice = new Notification(title, options)
      notice.onclick = () => {
        focus()
        notice.close()
        onClick(call.id)
      }
      return notice
    } catch {
      // Android's Chrome has the class and lets only service workers use it.
      return null
    }
  }

  function keep(calls: readonly CallView[]): void {
    for (const [id, { notice }] of shown) {
      if (calls.some((call) => call.id === id)) continue
      notice?.close()
      shown.delete(id)
    }
  }

  return {
    show(state, calls, isSilent) {
      keep(calls)
      for (const call of calls) {
        const isEarly = secondsSince(state, call.ringingAt ?? call.startedAt) < LOOK_UP_SECONDS
        const before = shown.get(call.id)
        if (before === undefined && isEarly && isLoadingUsers(state, call)) continue
        const text = noticeText(state, call)
        // Whoever is looked up for long is named when it is known who it is, without a second sound.
        if (before !== undefined && (before.notice === null || before.title === text.title))
          continue
        const notice = open(call, text, isSilent || before !== undefined)
        shown.set(call.id, { title: text.title, notice })
      }
    },
    keep,
  }
}

interface NoticeText {
  readonly title: string
  readonly body: string
}

/** Who calls; below, the number, where it came in, and the company. */
export function noticeText(state: State, call: CallView): NoticeText {
  const users = selectCallUsers(state, call)
  const user = users.length === 1 ? users[0] : undefined
  const isInternal = call.direction === 'internal'
  const number = phone(isInternal ? call.from : customerOf(call))
  const title = user === undefined ? number : callerName(call, users)
  const place = isInternal ? t('alerts.internal') : placeOf(call)
  const lines = [user === undefined ? '' : number, place, plain(user?.company ?? '')]
  return { title: clip(title), body: lines.filter(Boolean).map(clip).join('\n') }
}

function placeOf(call: CallView): string {
  return call.queue === null
    ? t('alerts.personal')
    : t('alerts.queue', { queue: plain(call.queue) })
}

/** One line of bounded length; the marks that isolate names are for pages, not for systems. */
function clip(text: string): string {
  const line = text.replaceAll(/[\u2068\u2069]/g, '').replaceAll(/\s+/g, ' ')
  return [...line].length > MOST_LETTERS ? `${[...line].slice(0, MOST_LETTERS).join('')}…` : line
}
