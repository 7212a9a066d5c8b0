/** The day so far, and the callers whom nobody has called back yet. */
import { html, nothing, type TemplateResult } from 'lit'
import { span, when } from '../format-time.ts'
import { t } from '../i18n/t.ts'
import type { Board } from './board.ts'
import type { TodayFigures } from './today.ts'
import { number, percent, secondsBetween } from './words.ts'

/** As many open missed calls are loaded as this; there may be more. */
const MANY = 200
const COUNTS = ['incoming', 'answered', 'missed', 'abandoned'] as const

/** The lowest row of the board. */
export function renderFigures(
  today: TodayFigures,
  owed: Board['owed'],
  now: number,
): TemplateResult {
  const { report } = today
  const target = report?.targets.serviceLevelSeconds
  const level = report?.total.serviceLevel ?? null
  return html`<section class="tile today" aria-labelledby="today">
    <h2 id="today">${t('wallboard.today')}</h2>
    <dl class="figures">
      ${COUNTS.map((key) => {
        const value = report?.total[key] ?? null
        return figure({
          name: t(`wallboard.${key}`),
          value: value === null ? null : number(value),
          isOld: today.hasFailed,
        })
      })}
      ${figure({
        name: t('wallboard.serviceLevel'),
        value: level === null ? null : percent(level),
        about: target === undefined ? '' : t('wallboard.within', { seconds: target }),
        isOld: today.hasFailed,
      })}
      ${figure({
        name: t('wallboard.owed'),
        value: owed.count < MANY ? number(owed.count) : t('wallboard.andMore', { count: MANY }),
        about:
          owed.since === null
            ? ''
            : t('wallboard.oldest', { time: span(secondsBetween(owed.since, now)) }),
      })}
    </dl>
    ${today.hasFailed ? html`<p class="trouble">${troubleOf(today, now)}</p>` : nothing}
  </section>`
}

interface Figure {
  readonly name: string
  readonly value: string | null
  readonly about?: string
  readonly isOld?: boolean
}

function figure({ name, value, about = '', isOld = false }: Figure): TemplateResult {
  const shown =
    value === null
      ? html`<span aria-hidden="true">–</span><span class="sr">${t('wallboard.none')}</span>`
      : value
  return html`<div class=${isOld ? 'old' : nothing}><dt>${name}</dt><dd class="num">${shown}</dd>${
    about === '' ? nothing : html`<dd class="about num">${about}</dd>`
  }</div>`
}

function troubleOf(today: TodayFigures, now: number): string {
  if (today.report === null) return t('wallboard.figuresMissing')
  return t('wallboard.figuresOld', { at: when(new Date(today.readAt).toISOString(), now) })
}
