/**
 * What a pop-up costs at the least: the same words in a card, drawn with bare Lit and with the DOM alone. Each page
 * hears of calls by an event stream too, which brings everything in one event.
 */
import { css, html, LitElement } from 'lit'

interface Card {
  readonly id: string
  readonly lines: readonly string[]
}

const STYLES = `
  .card {
    position: fixed; top: 12px; right: 12px; width: 384px; padding: 8px 14px 12px; border-radius: 10px;
    border: 1px solid #dfe3e8; box-shadow: 0 8px 28px rgb(20 28 40 / 0.16); font: 14px/1.45 sans-serif;
    background: #fff;
  }
  .card p { margin: 0; color: #59626e; }
  .card button { font: inherit; font-weight: 600; border: 0; background: none; }
`

class FloorCard extends LitElement {
  static override properties = { card: { attribute: false } }
  declare card: Card | null

  constructor() {
    super()
    this.card = null
  }

  protected override render() {
    const [name, ...lines] = this.card?.lines ?? []
    return html`<section class="card"><button>${name}</button>${lines.map((line) => html`<p>${line}</p>`)}</section>`
  }

  static override styles = css([STYLES] as unknown as TemplateStringsArray)
}
customElements.define('floor-card', FloorCard)

const floors: Readonly<Record<string, (card: Card) => HTMLElement>> = {
  lit: (card) => Object.assign(document.createElement('floor-card'), { card }),
  dom: (card) => {
    const section = Object.assign(document.createElement('section'), { className: 'card' })
    const [name = '', ...lines] = card.lines
    const button = document.createElement('button')
    button.textContent = name
    section.append(button)
    for (const line of lines) {
      const row = document.createElement('p')
      row.textContent = line
      section.append(row)
    }
    return section
  },
}

const make = floors[new URLSearchParams(location.search).get('floor') ?? 'dom']!
if (make === floors.dom) {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(STYLES)
  document.adoptedStyleSheets.push(sheet)
}
const shown = new Map<string, HTMLElement>()
const stream = new EventSource('/api/stream')
stream.addEventListener('card', ({ data }) => {
  const card = JSON.parse(String(data)) as Card
  const element = make(card)
  shown.set(card.id, element)
  document.body.append(element)
})
stream.addEventListener('gone', ({ data }) => {
  const { id } = JSON.parse(String(data)) as Card
  shown.get(id)?.remove()
  shown.delete(id)
})
