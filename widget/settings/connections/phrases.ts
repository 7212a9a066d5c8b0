/** A dialplan's own names for events, in whatever language it was written (CALL-4). */
import { html, nothing, type TemplateResult } from 'lit'
import { closeIcon } from '../../elements/icons.ts'
import { icon } from '../../elements/line-icons.ts'
import { t } from '../../i18n/t.ts'
import type { FieldErrors } from '../admin-api.ts'
import { keyOr } from './words.ts'

type Phrases = readonly (readonly [phrase: string, alias: string])[]
/** As in the server's contract. */
export const EVENTS = [
  'incoming_start',
  'incoming_ring',
  'incoming_queue',
  'incoming_answer',
  'incoming_end',
  'outgoing_start',
  'outgoing_answer',
  'outgoing_end',
  'record',
] as const

export function renderPhrases(
  phrases: Phrases,
  errors: FieldErrors,
  onChange: (phrases: Phrases) => void,
): TemplateResult {
  const set = (index: number, phrase: string, alias: string) =>
    onChange(phrases.map((one, at) => (at === index ? [phrase, alias] : one)))
  const wrong = Object.entries(errors).find(([path]) => path.startsWith('phrases'))
  return html`<fieldset class="stack"><legend class="strong">${t('conn.phrases')}</legend>
    <p class="about small">${t('conn.phrasesHint')}</p>
    ${phrases.map(
      ([phrase, alias], index) => html`<div class="phrase">
        <input aria-label=${t('conn.phrase')} dir="auto" maxlength="200" .value=${phrase}
          @input=${(event: Event) => set(index, textOf(event), alias)}>
        <select aria-label=${t('conn.phraseMeans')} @change=${(event: Event) => set(index, phrase, textOf(event))}>${EVENTS.map(
          (one) =>
            html`<option value=${one} .selected=${one === alias}>${keyOr(`conn.event.${one}`, one)}</option>`,
        )}</select>
        <button type="button" class="icon" title=${t('conn.remove')} aria-label=${t('conn.remove')}
          @click=${() => onChange(phrases.filter((_one, at) => at !== index))}>${closeIcon()}</button></div>`,
    )}
    ${wrong === undefined ? nothing : html`<p class="bad" role="alert">${wrong[1]}</p>`}
    <button type="button" class="small add" @click=${() => onChange([...phrases, ['', EVENTS[0]]])}>${icon('plus')}${t('conn.phraseAdd')}</button></fieldset>`
}

const textOf = (event: Event): string =>
  (event.target as HTMLInputElement | HTMLSelectElement).value
