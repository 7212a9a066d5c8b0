import type { Figures } from '../../faults/figures.ts'
import { type CelOptions, callByLog, type Heard } from './rounds.ts'

/** Calls while the PBX and the servers are killed, and what was heard of them by each protocol alone, judged. */
export async function tellByLog(options: CelOptions, figures: Figures): Promise<void> {
  const faults = options.pbxKills + options.serverKills
  for (const heard of await callByLog(options)) judge(heard, faults, figures, options.say)
}

/** As long as another process may take to take over (HOLD-7). */
const DEAF_SECONDS = 10

function judge(heard: Heard, faults: number, figures: Figures, say: (line: string) => void): void {
  const { kind, logged, known, hidden, undisturbed } = heard
  say(`  ${kind} alone: ${logged} calls in the PBX's log, ${known} known here`)
  say(
    `  ${hidden.length} wholly inside the ${heard.deafSeconds.toFixed(0)} s in which nothing could be heard, and in no CDR that ${kind} tells afterwards (HOLD-4): not known`,
  )
  // Whoever hears nothing for long loses nothing that it could have heard.
  if (faults > 0) {
    figures.atMost('seconds without hearing, each fault', heard.deafSeconds / faults, DEAF_SECONDS)
  }
  figures.none('heard in part, and lost', heard.lost)
  figures.none('several calls for one', heard.doubled)
  figures.none('not in exactly one case', heard.notInOneCase)
  figures.none('calls that the PBX does not know', heard.invented)
  figures.none(`wrong, of ${undisturbed} that no fault was near, or not ended`, heard.wrong)
}
