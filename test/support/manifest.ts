/** The custom elements manifest (EMBED-4), read from the sources of the public elements. */
import { globSync, readFileSync } from 'node:fs'

/** Public elements: the file, and where their calls for the page come from. */
const ELEMENTS = [
  { file: 'ringside-widget', view: ['widget-view', 'launcher'], isLone: false },
  { file: 'case-list', view: [], isLone: true },
  { file: 'case', view: [], isLone: true },
  { file: 'recording', view: [], isLone: true },
  { file: '../settings/ringside-settings', view: [], isLone: true },
  { file: '../reports/ringside-reports', view: [], isLone: true },
  { file: '../wallboard/ringside-wallboard', view: [], isLone: true },
] as const
/** What an element standing alone tells its page; a widget tells all of `events.ts`. */
const LONE_EVENTS = ['ringside-open-user', 'ringside-open-case']

const read = (file: string) => readFileSync(`widget/${file}.ts`, 'utf8')
const camel = (name: string) =>
  name.replaceAll(/-(\w)/g, (_all, letter: string) => letter.toUpperCase())

interface Named {
  readonly name: string
  readonly description: string
}

/** The manifest as it has to be; throws where a source lacks a description. */
export function manifestFromSources() {
  return {
    schemaVersion: '1.0.0',
    readme: 'embedding.md',
    modules: [
      {
        kind: 'javascript-module',
        path: 'widget.js',
        declarations: ELEMENTS.map(toDeclaration),
        exports: ELEMENTS.map(({ file }) => {
          const { tagName, name } = classOf(read(`elements/${file}`))
          const declaration = { name, module: 'widget.js' }
          return { kind: 'custom-element-definition', name: tagName, declaration }
        }),
      },
    ],
  }
}

function toDeclaration({ file, view, isLone }: (typeof ELEMENTS)[number]) {
  const text = read(`elements/${file}`)
  const lone = isLone ? read('elements/lone') : ''
  const own = attributesOf(text)
  const attributes = isLone ? [...own, ...attributesOf(lone, 'loneProperties = ')] : own
  const views = [text, ...view.map((each) => read(`elements/${each}`))].join('\n')
  // Settings and wallboard lead nowhere in the helpdesk.
  const told = /(settings|wallboard)$/.test(file) ? [] : LONE_EVENTS
  const events = eventsOf().filter(({ name }) => !isLone || told.includes(name))
  return {
    kind: 'class',
    customElement: true,
    ...classOf(text),
    attributes,
    members: [...attributes.map(toField), ...(isLone ? [] : methodsOf(text))],
    events,
    cssProperties: cssPropertiesOf(),
    cssParts: partsOf(text, views),
  }
}

/** The class and the first sentences of what stands above it. */
function classOf(text: string) {
  const found = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export class (\w+) /.exec(text)
  const tagName = /define\('([\w-]+)'/.exec(text)?.[1]
  if (found === null || tagName === undefined) throw new Error('no class with a description')
  const description = prose(found[1] ?? '')
  return { name: found[2] ?? '', tagName, description }
}

function prose(comment: string): string {
  const text = comment.replaceAll(/^\s*\* ?/gm, '').trim()
  const first = text.split(/\n\s*\n|\n@/)[0] ?? ''
  return first
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ \([A-Z][A-Z0-9, -]+\)/g, '')
    .trim()
}

function attributesOf(text: string, start = 'static override properties = ') {
  const block = text.slice(text.indexOf(start))
  const body = block.slice(0, block.search(/\n {0,2}\}\n/))
  const described = tagged(text, 'attr')
  const found = [...body.matchAll(/^\s+(\w+): \{([^}]*)\}/gm)].flatMap(
    ([, field = '', rest = '']) => {
      if (/attribute: false|state: true/.test(rest)) return []
      const name = /attribute: '([\w-]+)'/.exec(rest)?.[1] ?? field
      const isBoolean = rest.includes('Boolean')
      return [{ name, fieldName: field, type: isBoolean ? 'boolean' : 'string | null' }]
    },
  )
  same(
    'attributes',
    found.map(({ name }) => name),
    described.map(({ name }) => name),
  )
  return found.map(({ name, fieldName, type }) => ({
    name,
    fieldName,
    type: { text: type },
    description: described.find((one) => one.name === name)?.description ?? '',
  }))
}

function toField({ name, fieldName, type, description }: ReturnType<typeof attributesOf>[number]) {
  if (fieldName !== camel(name)) throw new Error(`${fieldName} is not ${name}`)
  return { kind: 'field', name: fieldName, attribute: name, type, description }
}

function methodsOf(text: string) {
  // What is for the parts of the widget says so.
  const found = [
    ...text.matchAll(/\/\*\* ((?:(?!\*\/).)*) \*\/\n {2}async (\w+)\((.*)\): (.+) \{/g),
  ]
  return found
    .filter(([, description]) => !description?.startsWith('For the parts'))
    .map(([, description = '', name = '', parameters = '', returned = '']) => ({
      kind: 'method',
      name,
      parameters: parameters
        .split(', ')
        .filter(Boolean)
        .map((each) => ({ name: each.split(': ')[0], type: { text: each.split(': ')[1] } })),
      return: { type: { text: returned } },
      description,
    }))
}

function eventsOf() {
  const text = read('events')
  const members = [...text.matchAll(/^ {2}\/\*\* (.*) \*\/\n {2}'(ringside-[\w-]+)': \{/gm)]
  const map = [...text.matchAll(/^ {4}'(ringside-[\w-]+)': RingsideEvent/gm)].map(
    ([, name]) => name,
  )
  same(
    'events',
    members.map(([, , name]) => name),
    map,
  )
  return members.map(([, description = '', name = '']) => ({
    name,
    type: { text: `CustomEvent<Details['${name}']>` },
    description,
  }))
}

function partsOf(text: string, views: string): Named[] {
  const described = tagged(text, 'csspart')
  const used = [...views.matchAll(/ (?:export)?part(?:s)?="([\w-]+)"/g)].map(([, name]) => name)
  same(
    'parts',
    [...new Set(used)],
    described.map(({ name }) => name),
  )
  return described
}

/** Custom properties that are read anywhere, in the words of the table of `styles.ts`. */
function cssPropertiesOf(): Named[] {
  const sources = globSync('widget/**/*.ts').map((file) => readFileSync(file, 'utf8'))
  const used = new Set(
    sources.flatMap((text) =>
      [...text.matchAll(/var\(\s*(--ringside-[\w-]+)/g)].map(([, name]) => name),
    ),
  )
  const rows = [...read('styles').matchAll(/^ \* \| (`--ringside.*) \| (.+) \|$/gm)]
  const described = rows.flatMap(([, names = '', description = '']) =>
    [...names.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => ({
      name: name.startsWith('--') ? name : `--ringside${name}`,
      description,
    })),
  )
  same(
    'custom properties',
    [...used],
    described.map(({ name }) => name),
  )
  return described
}

/** `@attr name - what it is`, one a line. */
function tagged(text: string, tag: string): Named[] {
  const found = text.matchAll(new RegExp(`^\\s*\\* @${tag} ([\\w-]+) - (.+)$`, 'gm'))
  return [...found].map(([, name = '', description = '']) => ({ name, description }))
}

function same(what: string, used: readonly unknown[], described: readonly unknown[]): void {
  const [one, other] = [[...used].sort(), [...described].sort()]
  if (JSON.stringify(one) !== JSON.stringify(other))
    throw new Error(`${what}: there are ${one.join(', ')}; described are ${other.join(', ')}`)
}
