/** An agent's state as a dot with its own shape and a word: never by colour alone (CTL-6). */
import { css, html, type TemplateResult } from 'lit'
import type { ColleagueView } from '../../server/http/schemas.ts'
import type { AgentState } from '../client/control-types.ts'
import { secondsSince } from '../client/select.ts'
import type { State } from '../client/state.ts'
import { duration, plain } from '../format.ts'
import { enTeam } from '../i18n/en-team.ts'
import { addEnglish, t } from '../i18n/t.ts'

addEnglish(enTeam)

export function stateDot(state: AgentState): TemplateResult {
  return html`<span class="dot ${state}" aria-hidden="true"></span>`
}

/** `Free`, `Away: lunch`, `Wrap-up 0:42`. */
export function stateText(state: State, agent: ColleagueView): string {
  const word = t(`state.${agent.state}`)
  if (agent.state === 'wrap-up') {
    // Until when, where it ends by itself; else since when.
    const shown =
      agent.until === null
        ? secondsSince(state, agent.since)
        : Math.ceil((Date.parse(agent.until) - state.now) / 1000)
    return t('state.left', { state: word, duration: duration(shown) })
  }
  const reason = agent.state === 'away' ? plain(agent.reason ?? '') : ''
  return reason === '' ? word : t('state.with', { state: word, reason })
}

export const agentStateStyles = css`
  .dot {
    flex: none; inline-size: 10px; block-size: 10px; border: 2px solid var(--_muted); border-radius: 50%;
    forced-color-adjust: none;
  }
  .dot.free { border-color: var(--_green); background: var(--_green); }
  .dot.busy { border-color: var(--_red); background: var(--_red); border-radius: 2px; }
  .dot.away { border-color: var(--_amber); }
  .dot.wrap-up { border-color: var(--_amber); background: linear-gradient(var(--_amber) 50%, transparent 50%); }
`
