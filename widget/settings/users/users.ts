import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { InferOutput } from 'valibot'
import type { importStateSchema } from '../../../server/http/schemas.ts'
import { ApiError } from '../../client/api.ts'
import type { Client } from '../../client/client.ts'
import { Actions, errorText } from '../../elements/action.ts'
import { define } from '../../elements/define.ts'
import { plain } from '../../format.ts'
import { enPeople } from '../../i18n/settings/en-people.ts'
import { addEnglish, t } from '../../i18n/t.ts'
import { saveAs } from '../../save-as.ts'
import { adminApi } from '../admin-api.ts'
import { section, table } from '../blocks.ts'
import { goTo, pageProperties, type SettingsPage } from '../page.ts'
import { settingsStyles } from '../settings-styles.ts'
import { countLines, toExample, toReport, typeOf } from './import-file.ts'

addEnglish(enPeople)

type ImportState = InferOutput<typeof importStateSchema>

const POLL_MS = 700
const PAGE = 50

/** Users in bulk: a file, its progress, the report of bad lines (USER-5, ADMIN-6). */
export class RingsideSettingsUsers extends LitElement implements SettingsPage {
  static override properties = {
    ...pageProperties,
    file: { state: true },
    progress: { state: true },
    trouble: { state: true },
    isOver: { state: true },
    listed: { state: true },
  }
  declare client: Client | null
  declare path: readonly string[]
  /** The file on its way to the server. */
  declare file: File | null
  declare progress: ImportState | null
  /** Why there is nothing to show. */
  declare trouble: string | null
  /** A file is held over the page. */
  declare isOver: boolean
  declare listed: number
  readonly #actions = new Actions(this)
  #timer: ReturnType<typeof setTimeout> | undefined
  #watched = ''

  constructor() {
    super()
    this.client = null
    this.path = []
    this.file = null
    this.progress = null
    this.trouble = null
    this.isOver = false
    this.listed = PAGE
  }

  /** A file that is on its way is lost with its page. */
  get hasUnsaved(): boolean {
    return this.file !== null
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.requestUpdate()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
    this.#watched = ''
  }

  protected override willUpdate(_changed: PropertyValues<this>): void {
    const [id = ''] = this.path
    if (id === this.#watched || this.client === null || !this.isConnected) return
    clearTimeout(this.#timer)
    this.#watched = id
    this.progress = null
    this.trouble = null
    this.listed = PAGE
    if (id !== '') void this.#watch(id, this.client)
  }

  /** The import's id stands in the address: it is found again after a reload. */
  async #watch(id: string, client: Client): Promise<void> {
    try {
      const address = `/api/users/imports/${encodeURIComponent(id)}`
      const progress = await adminApi(client).get<ImportState>(address)
      if (id !== this.#watched) return
      this.progress = progress
      this.trouble = null
      if (progress.state === 'done') return
    } catch (error) {
      if (id !== this.#watched) return
      const isGone = error instanceof ApiError && error.status === 404
      this.trouble = isGone ? t('import.gone') : errorText(error)
      if (isGone) return
    }
    this.#timer = setTimeout(() => void this.#watch(id, client), POLL_MS)
  }

  async #send(file: File): Promise<void> {
    const { client } = this
    const type = typeOf(file)
    this.#actions.clear('send')
    this.trouble = null
    if (type === null) this.trouble = t('import.wrongType', { name: plain(file.name) })
    else if (file.size === 0) this.trouble = t('import.empty', { name: plain(file.name) })
    if (client === null || type === null || this.trouble !== null) return
    this.file = file
    const started = await this.#actions.run('send', async () => {
      const lines = await countLines(file)
      const api = adminApi(client)
      const { id } = await api.upload<{ id: string }>('/api/users/import', file, type)
      return { id, total: type === 'text/csv' ? Math.max(0, lines - 1) : lines }
    })
    this.file = null
    if (started !== undefined) goTo(this, ['users', started.id, String(started.total)])
  }

  readonly #onChoose = (event: Event) => {
    const field = event.target as HTMLInputElement
    const [file] = field.files ?? []
    if (file !== undefined) void this.#send(file)
    // The same file can be chosen again after it was corrected.
    field.value = ''
  }
  readonly #onDrag = (event: DragEvent) => {
    event.preventDefault()
    this.isOver = event.type === 'dragover'
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
  }
  readonly #onDrop = (event: DragEvent) => {
    event.preventDefault()
    this.isOver = false
    const [file] = event.dataTransfer?.files ?? []
    if (file !== undefined) void this.#send(file)
  }
  readonly #onExample = () => {
    const keys = (this.client?.state.fields ?? [])
      .map(({ key }) => key)
      .filter((key) => !['name', 'email', 'company', 'phones', 'note'].includes(key))
    saveAs('users.csv', 'text/csv;charset=utf-8', toExample(keys))
  }

  protected override render() {
    const [id] = this.path
    if (this.file !== null) return this.#renderSending(this.file)
    return html`${id === undefined ? this.#renderChoice() : this.#renderImport()}
      ${this.trouble === null ? nothing : html`<p class="note error" role="alert">${this.trouble}</p>`}
      ${this.#actions.error('send')}`
  }

  #renderChoice(): TemplateResult {
    const columns = ['externalId', 'name', 'email', 'company', 'phones', 'note', 'fields.KEY']
    return html`<div class="stack"><p class="about">${t('import.about')}</p>
      <p class="about">${t('import.format', { columns: columns.join(', ') })}</p>
      <div class="drop ${this.isOver ? 'over' : ''}" @dragover=${this.#onDrag} @dragleave=${this.#onDrag} @drop=${this.#onDrop}>
        <label class="button primary" for="file">${t('import.choose')}</label>
        <input id="file" class="sr" type="file" accept=".csv,.ndjson,.jsonl" @change=${this.#onChoose}>
        <span class="muted">${t('import.drop')}</span></div>
      <button class="link" @click=${this.#onExample}>${t('import.example')}</button></div>`
  }

  #renderSending(file: File): TemplateResult {
    const text = t('import.sending', { name: plain(file.name) })
    return html`<div class="stack"><p role="status">${text}</p><progress aria-label=${text}></progress></div>`
  }

  #renderImport(): TemplateResult {
    const { progress } = this
    const again = html`<div><button @click=${() => goTo(this, ['users'])}>${t('import.another')}</button></div>`
    if (progress === null)
      return this.trouble === null ? html`<p class="muted">${t('loading')}</p>` : again
    return html`<div class="stack">${this.#renderProgress(progress)}
      ${progress.state === 'done' ? again : html`<p class="muted small">${t('import.leave')}</p>`}</div>
      ${progress.failed > 0 ? this.#renderBad(progress) : nothing}`
  }

  #renderProgress(progress: ImportState): TemplateResult {
    const total = Number(this.path[1] ?? 0)
    const isDone = progress.state === 'done'
    const max = Math.max(total, progress.lines, 1)
    const read =
      total > 0 && !isDone
        ? t('import.linesOf', { lines: progress.lines, total: max })
        : t('import.lines', { count: progress.lines })
    const status = isDone
      ? t('import.done')
      : t(progress.lines === 0 ? 'import.waiting' : 'import.running')
    // Without a total, as in an address that was shortened, it only says that something goes on.
    const value = isDone ? max : total > 0 ? progress.lines : undefined
    return html`<p role="status" class="strong">${status}</p>
      ${
        value === undefined
          ? html`<progress aria-label=${t('import.progress')}></progress>`
          : html`<progress aria-label=${t('import.progress')} max=${max} .value=${value}></progress>`
      }
      <p class="muted num">${read}</p>
      <dl class="counts">${(['created', 'updated', 'unchanged', 'failed'] as const).map(
        (name) =>
          html`<div class=${name === 'failed' && progress.failed > 0 ? 'red' : nothing}><dt>${t(`import.${name}`)}</dt>
            <dd class="num">${t('import.count', { count: progress[name] })}</dd></div>`,
      )}</dl>`
  }

  #renderBad({ errors, failed }: ImportState): TemplateResult {
    const onDownload = () => saveAs('bad-lines.csv', 'text/csv;charset=utf-8', toReport(errors))
    return section(
      {
        title: t('import.bad'),
        text: html`${t('import.badAbout', { count: failed })}
          ${failed > errors.length ? t('import.badFirst', { count: errors.length }) : nothing}`,
        actions: html`<button @click=${onDownload}>${t('import.download')}</button>`,
      },
      html`${table(
        t('import.bad'),
        [
          {
            label: t('import.line'),
            className: 'num',
            cell: (one) => t('import.count', { count: one.line }),
          },
          { label: t('import.reason'), cell: (one) => html`<bdi>${one.reason}</bdi>` },
        ],
        errors.slice(0, this.listed),
      )}
      ${
        errors.length > this.listed
          ? html`<div><button class="quiet" @click=${this.#onMore}>${t('import.showMore')}</button></div>`
          : nothing
      }`,
    )
  }

  readonly #onMore = () => {
    this.listed += PAGE * 4
  }

  static override styles = [
    ...settingsStyles,
    css`
      .stack { gap: var(--_3); }
      .drop {
        display: flex; flex-wrap: wrap; align-items: center; justify-content: center; gap: var(--_2) var(--_3); padding: calc(var(--_1) * 8) var(--_4);
        border: 2px dashed var(--_field); border-radius: var(--_radius);
      }
      .drop.over { border-color: var(--_accent); background: var(--_accent-soft); }
      .drop label { margin: 0; font-size: 1em; color: var(--_on-accent); }
      .drop:focus-within label { outline: 2px solid var(--_focus); outline-offset: 2px; }
      .counts { display: grid; grid-template-columns: repeat(auto-fit, minmax(7em, 1fr)); gap: var(--_3); }
      .counts dt { font-size: var(--_small); color: var(--_muted); }
      .counts dd { font-size: var(--_name); font-weight: 600; }
      .note { margin-block-start: var(--_3); }
      .stack + .part { margin-block-start: calc(var(--_1) * 6); }
    `,
  ]
}

define('ringside-settings-users', RingsideSettingsUsers)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-users': RingsideSettingsUsers
  }
}
