/** What the test of an account found: which of the causes it is, and what to do (ADMIN-1). */
import { css, html, nothing, type TemplateResult } from 'lit'
import { closeIcon } from '../../elements/icons.ts'
import { icon } from '../../elements/line-icons.ts'
import { plain } from '../../format.ts'
import { t } from '../../i18n/t.ts'
import type { Check } from './contract.ts'

export function renderCheck(check: Check): TemplateResult {
  const endpoints = check.endpoints ?? []
  return html`<div class="found ${check.ok ? 'ok' : 'bad'}">
    <span class="sign">${check.ok ? icon('check') : closeIcon()}</span>
    <div class="grow stack">
      <p class="wrap"><span class="strong">${t(check.ok ? 'conn.testOk' : 'conn.testBad')}</span>
        <bdi>${plain(check.message)}</bdi></p>
      ${
        check.hint === ''
          ? nothing
          : html`<p class="wrap"><span class="strong">${t('conn.whatToDo')}</span> <bdi>${plain(check.hint)}</bdi></p>`
      }
      ${endpoints.length === 0 ? nothing : renderPhones(check)}
    </div></div>`
}

/** The phones that the PBX told of, at once. */
function renderPhones({ endpoints = [] }: Check): TemplateResult {
  const shown = endpoints.slice(0, 60)
  return html`<details class="phones" open><summary>${t('conn.phonesFound', { count: endpoints.length })}</summary>
    <ul>${shown.map(
      ({
        technology,
        resource,
        state,
      }) => html`<li title="${plain(technology)}/${plain(resource)}: ${t(`conn.phone.${state}`)}">
        <span class="dot ${state}" aria-hidden="true"></span><bdi>${plain(resource)}</bdi>
        <span class="sr">${t(`conn.phone.${state}`)}</span></li>`,
    )}</ul>
    ${
      endpoints.length > shown.length
        ? html`<p class="small muted">${t('more', { count: endpoints.length - shown.length })}</p>`
        : nothing
    }</details>`
}

/** The same for screen readers, in one sentence. */
export function checkText(check: Check): string {
  const head = `${t(check.ok ? 'conn.testOk' : 'conn.testBad')} ${plain(check.message)}`
  const phones =
    check.endpoints === undefined || check.endpoints.length === 0
      ? ''
      : ` ${t('conn.phonesFound', { count: check.endpoints.length })}`
  return `${head}. ${plain(check.hint)}${phones}`
}

export const checkStyles = css`
  .found { display: flex; gap: var(--_3); padding: var(--_3); border-radius: var(--_radius-small); }
  .found.ok { background: var(--_green-soft); }
  .found.bad { background: var(--_red-soft); }
  .found .sign { flex: none; padding-block-start: 2px; }
  .found.ok .sign { color: var(--_green); }
  .found.bad .sign { color: var(--_red); }
  .phones ul { display: flex; flex-wrap: wrap; gap: var(--_1) var(--_2); padding-block-start: var(--_2); }
  .phones li {
    display: inline-flex; align-items: center; gap: 6px; max-inline-size: 100%; padding: 0 var(--_2);
    border: 1px solid var(--_border); border-radius: 999px; background: var(--_background);
    font-size: var(--_small); line-height: 1.8;
  }
  .phones summary { cursor: pointer; min-block-size: 24px; }
  .dot { flex: none; inline-size: 8px; block-size: 8px; border: 2px solid var(--_muted); border-radius: 50%; forced-color-adjust: none; }
  .dot.online { border-color: var(--_green); background: var(--_green); }
  .dot.offline { border-color: var(--_muted); border-radius: 0; }
  @media (forced-colors: active) { .found { border: 1px solid; } }
`
