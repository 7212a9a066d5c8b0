/** The two accounts that a PBX can give, as forms (ADMIN-1). */
import { html, nothing, type TemplateResult } from 'lit'
import { t } from '../../i18n/t.ts'
import type { FieldErrors } from '../admin-api.ts'
import { checkField, textField } from '../form.ts'
import { type AccountText, amiTexts, ariTexts, makePassword } from './conf-text.ts'
import { type AmiDraft, type AriDraft, defaultPort } from './draft.ts'
import '../copy-button.ts'

interface FormOptions<T> {
  readonly account: T
  readonly errors: FieldErrors
  /** A password is stored, and none has to be typed. */
  readonly hasPassword: boolean
  /** One is stored, but for another address. */
  readonly asksAgain: boolean
  readonly onChange: (change: Partial<T>) => void
}

export function ariForm(options: FormOptions<AriDraft>): TemplateResult {
  const { account, errors, onChange } = options
  return html`<div class="columns">
      ${textField({ name: 'ari.url', label: t('conn.address'), hint: t('conn.ariAddressHint'), placeholder: 'https://pbx.example.com:8089', isCode: true, value: account.url, errors, onInput: (url) => onChange({ url }) })}
      ${textField({ name: 'ari.userName', label: t('conn.user'), hint: t('conn.ariUserHint'), isCode: true, value: account.userName, errors, onInput: (userName) => onChange({ userName }) })}
      ${passwordField('ari.password', account.password, options, (password) => onChange({ password }))}</div>
    ${checkField({ name: 'ari.events', label: t('conn.events'), hint: t('conn.eventsHint'), isChecked: account.events, errors, onChange: (events) => onChange({ events }) })}
    ${
      /^\s*http:/i.test(account.url)
        ? html`<p class="note warn small">${t('conn.plainHttp')}</p>`
        : checkField({
            name: 'ari.verifyTls',
            label: t('conn.selfSigned'),
            hint: t('conn.selfSignedHint'),
            isChecked: !account.verifyTls,
            errors,
            onChange: (isChecked) => onChange({ verifyTls: !isChecked }),
          })
    }
    ${howTo(
      ariTexts(account.userName, account.password || t('conn.yourPassword')),
      account.password === '' ? () => onChange({ password: makePassword() }) : null,
    )}`
}

export function amiForm(options: FormOptions<AmiDraft>): TemplateResult {
  const { account, errors, onChange } = options
  return html`<div class="columns">
      ${textField({ name: 'ami.host', label: t('conn.host'), hint: t('conn.hostHint'), placeholder: 'pbx.example.com', isCode: true, value: account.host, errors, onInput: (host) => onChange({ host }) })}
      ${textField({ name: 'ami.port', label: t('conn.port'), type: 'number', min: 1, max: 65_535, placeholder: String(defaultPort(account.tls)), isOptional: true, value: account.port, errors, onInput: (port) => onChange({ port }) })}
      ${textField({ name: 'ami.userName', label: t('conn.user'), hint: t('conn.amiUserHint'), isCode: true, value: account.userName, errors, onInput: (userName) => onChange({ userName }) })}
      ${passwordField('ami.secret', account.secret, options, (secret) => onChange({ secret }))}</div>
    ${checkField({ name: 'ami.events', label: t('conn.events'), hint: t('conn.eventsHint'), isChecked: account.events, errors, onChange: (events) => onChange({ events }) })}
    ${checkField({ name: 'ami.tls', label: t('conn.tls'), hint: t('conn.tlsHint'), isChecked: account.tls, errors, onChange: (tls) => onChange({ tls, ...(account.port === String(defaultPort(account.tls)) ? { port: '' } : {}) }) })}
    ${
      account.tls
        ? checkField({
            name: 'ami.verifyTls',
            label: t('conn.selfSigned'),
            hint: t('conn.selfSignedHint'),
            isChecked: !account.verifyTls,
            errors,
            onChange: (isChecked) => onChange({ verifyTls: !isChecked }),
          })
        : nothing
    }
    ${howTo(
      amiTexts(account.userName, account.secret || t('conn.yourPassword')),
      account.secret === '' ? () => onChange({ secret: makePassword() }) : null,
    )}`
}

function passwordField(
  name: 'ari.password' | 'ami.secret',
  value: string,
  { errors, hasPassword, asksAgain }: FormOptions<unknown>,
  onInput: (value: string) => void,
): TemplateResult {
  const hint = asksAgain ? t('conn.passwordAgain') : hasPassword ? t('conn.passwordKept') : ''
  return textField({
    name,
    label: t(name === 'ari.password' ? 'conn.password' : 'conn.secret'),
    type: 'password',
    autocomplete: 'new-password',
    isCode: true,
    placeholder: hasPassword && !asksAgain ? '••••••••' : '',
    hint: asksAgain && value === '' ? html`<span class="amber">${hint}</span>` : hint,
    value,
    errors,
    onInput,
  })
}

/** For who has never made such an account: what to paste where. */
function howTo(texts: readonly AccountText[], onMake: (() => void) | null): TemplateResult {
  return html`<details class="how"><summary>${t('conn.howAccount')}</summary>
    <div class="stack">
    <p class="about">${t('conn.howAccountText')}</p>
    ${
      onMake === null
        ? nothing
        : html`<p><button type="button" class="small" @click=${onMake}>${t('conn.makePassword')}</button></p>`
    }
    ${texts.map(fileText)}</div></details>`
}

/** A text for one of the PBX's files, to be copied, and how Asterisk is told to read it. */
export function fileText({ file, text, reload }: AccountText): TemplateResult {
  return html`<div class="stack file">
    <div class="row"><code class="grow strong" dir="ltr">${file}</code>
      <ringside-settings-copy .text=${text}></ringside-settings-copy></div>
    <pre tabindex="0" aria-label=${file}>${text}</pre>
    <p class="small muted">${t('conn.thenRun')} <code dir="ltr">${reload}</code></p></div>`
}
