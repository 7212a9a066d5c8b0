import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { UserView } from '../../../server/http/schemas.ts'
import type { Client } from '../../client/client.ts'
import { Actions } from '../../elements/action.ts'
import { define } from '../../elements/define.ts'
import { phone, plain, userName } from '../../format.ts'
import { t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { section } from '../blocks.ts'
import { confirmAction } from '../confirm.ts'
import { textField } from '../form.ts'
import { settingsStyles } from '../settings-styles.ts'

interface Found {
  readonly users: readonly UserView[]
  /** What was searched for is a number: it can be erased, whoever has it. */
  readonly number: string | null
}
/** Whom to erase, and what that is called. */
type Target = { readonly userId: string } | { readonly phone: string }

const GOES = ['privacy.goes1', 'privacy.goes2', 'privacy.goes3'] as const
const STAYS = ['privacy.stays1', 'privacy.stays2'] as const

/** Finds a person, says what is deleted and what stays, asks, and begins (SAFE-9). */
export class RingsideSettingsErase extends LitElement {
  static override properties = {
    client: { attribute: false },
    text: { state: true },
    found: { state: true },
    chosen: { state: true },
  }
  declare client: Client | null
  declare text: string
  declare found: Found | null
  /** A user's id, or `number`. */
  declare chosen: string
  readonly #actions = new Actions(this)

  constructor() {
    super()
    this.client = null
    this.text = ''
    this.found = null
    this.chosen = ''
  }

  readonly #onSubmit = async (event: Event) => {
    event.preventDefault()
    const { client } = this
    const text = this.text.trim()
    if (client === null || text === '') return
    const page = await this.#actions.run('search', () =>
      adminApi(client).get<{ readonly items: readonly UserView[] }>(
        `/api/users?q=${encodeURIComponent(text)}&limit=20`,
      ),
    )
    if (page === undefined) return
    this.found = { users: page.items, number: isNumber(text) ? text : null }
    this.chosen = ''
  }

  get #target(): { readonly body: Target; readonly name: string } | null {
    const { found, chosen } = this
    if (found === null || chosen === '') return null
    if (chosen === 'number' && found.number !== null) {
      return { body: { phone: found.number }, name: found.number }
    }
    const user = found.users.find(({ id }) => id === chosen)
    return user === undefined ? null : { body: { userId: user.id }, name: oneLine(userName(user)) }
  }

  async #erase(): Promise<void> {
    const { client } = this
    const target = this.#target
    if (client === null || target === null) return
    const isSure = await confirmAction(this, {
      title: t('privacy.eraseTitle', { name: target.name }),
      text: t('privacy.eraseText'),
      action: t('privacy.eraseNow'),
      word: target.name,
    })
    if (!isSure) return
    const begun = await this.#actions.run('erase', () =>
      adminApi(client).post<{ readonly id: string }>('/api/erase', target.body),
    )
    if (begun === undefined) return
    this.dispatchEvent(new CustomEvent('ringside-erasure', { detail: begun.id }))
  }

  protected override render() {
    return section(
      { title: t('privacy.erase'), text: t('privacy.eraseAbout') },
      html`<form class="search" role="search" @submit=${this.#onSubmit} novalidate>
        ${textField({
          name: 'person',
          label: t('privacy.find'),
          value: this.text,
          type: 'search',
          onInput: (text) => {
            this.text = text
          },
        })}
        <button type="submit" aria-busy=${this.#actions.isBusy('search')}>${t('privacy.search')}</button></form>
      ${this.#actions.error('search')}
      ${this.found === null ? nothing : this.#renderFound(this.found)}
      ${this.#actions.error('erase')}`,
    )
  }

  #renderFound({ users, number }: Found): TemplateResult {
    return html`<p role="status">${users.length === 0 ? t('privacy.notFound') : t('privacy.found', { count: users.length })}</p>
      ${
        users.length === 0 && number === null
          ? nothing
          : html`<fieldset class="people"><legend class="sr">${t('privacy.choose')}</legend>
            ${users.map((user) => this.#renderChoice(user.id, userName(user), about(user)))}
            ${
              number === null
                ? nothing
                : this.#renderChoice(
                    'number',
                    t('privacy.byNumber', { number }),
                    t('privacy.byNumberHint'),
                  )
            }</fieldset>`
      }
      ${this.#target === null ? nothing : this.#renderWhat()}`
  }

  #renderChoice(value: string, label: string, hint: string): TemplateResult {
    return html`<label class="check"><input type="radio" name="person" value=${value}
      .checked=${this.chosen === value} @change=${() => {
        this.chosen = value
      }}><span><bdi class="strong">${label}</bdi> <bdi class="small muted hint-line">${hint}</bdi></span></label>`
  }

  #renderWhat(): TemplateResult {
    return html`<div class="columns what">
        <div><h4 class="red">${t('privacy.goes')}</h4><ul>${GOES.map((key) => html`<li>${t(key)}</li>`)}</ul></div>
        <div><h4>${t('privacy.stays')}</h4><ul>${STAYS.map((key) => html`<li>${t(key)}</li>`)}</ul></div>
      </div>
      <button class="danger start" aria-busy=${this.#actions.isBusy('erase')} @click=${() => this.#erase()}>${t('privacy.eraseNow')}…</button>`
  }

  static override styles = [
    ...settingsStyles,
    css`
      .search { flex-direction: row; flex-wrap: wrap; align-items: end; gap: var(--_2); }
      .search .field { flex: 1 1 16em; }
      .search button { min-block-size: calc(var(--_control) + 4px); }
      .people { display: flex; flex-direction: column; gap: var(--_1); }
      .what { padding: var(--_3); border: 1px solid var(--_border); border-radius: var(--_radius-small); }
      .what ul { padding-inline-start: var(--_4); list-style: disc; }
      .start { align-self: start; }
      .hint-line { display: block; }
    `,
  ]
}

/** Digits with the signs that people put between them. */
function isNumber(text: string): boolean {
  return /^\+?[\d\s().\-/]+$/.test(text) && text.replaceAll(/\D/g, '').length >= 3
}

function about({ email, company, phones }: UserView): string {
  return [email, company, ...phones.map(phone)]
    .map((each) => plain(each ?? ''))
    .filter(Boolean)
    .join(' · ')
}

/** What is to be typed must be a text that can be typed: one line, not too long. */
function oneLine(name: string): string {
  return name.replaceAll(/\s+/g, ' ').slice(0, 40).trim()
}

define('ringside-settings-erase', RingsideSettingsErase)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-erase': RingsideSettingsErase
  }
}
