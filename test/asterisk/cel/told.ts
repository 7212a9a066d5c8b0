import type { Figures } from '../../faults/figures.ts'
import { type CelOptions, callByLog, type Heard } from './rounds.ts'

/** Calls while the PBX and the servers are killed, and what was heard of them by each protocol alone, judged. */
export async function tellByLog(options: CelOptions, figures: Figures): Promise<void> {
  for (const heard of await callByLog(options)) judge(heard, figures, options.say)
}

function judge(heard: Heard, figures: Figures, say: (line: string) => void): void {
  const { kind, logged, known, hidden, undisturbed } = heard
  say(`  ${kind} alone: ${logged} calls in the PBX's log, ${known} known here`)
  say(
    `  ${hidden.length} wholly inside the ${heard.deafSeconds.toFixed(0)} s in which nothing could be heard, and in no CDR that ${kind} tells afterwards (HOLD-4): not known`,
  )
  figures.none('heard in part, and lost', heard.lost)
  figures.none('several calls for one', heard.doubled)
  figures.none('not in exactly one case', heard.notInOneCase)
  figures.none('calls that the PBX does not know', heard.invented)
  figures.none(`wrong, of ${undisturbed} that no fault was near, or not ended`, heard.wrong)
}
