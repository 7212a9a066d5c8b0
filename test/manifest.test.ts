import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import test from 'node:test'
import { manifestFromSources } from './support/manifest.ts'

const FILE = 'docs/custom-elements.json'

test('EMBED-4 the manifest says what the elements take, tell and let be styled (UPDATE_SNAPSHOT=1 writes it)', async () => {
  const manifest = manifestFromSources()
  if (process.env.UPDATE_SNAPSHOT) {
    await writeFile(FILE, `${JSON.stringify(manifest, null, 2)}\n`)
  }
  assert.deepEqual(JSON.parse(await readFile(FILE, 'utf8')), manifest)
  const { customElements } = JSON.parse(await readFile('package.json', 'utf8'))
  assert.equal(customElements, FILE)
})

test('EMBED-4 each public element, attribute, method, event, part and property is in it', () => {
  const [module] = manifestFromSources().modules
  const [widget, list, found, recording, settings] = module!.declarations
  const names = (items: readonly { name: string }[]) => items.map(({ name }) => name)
  assert.deepEqual(
    module!.exports.map(({ name }) => name),
    [
      'ringside-widget',
      'ringside-case-list',
      'ringside-case',
      'ringside-recording',
      'ringside-settings',
      'ringside-reports',
      'ringside-wallboard',
    ],
  )
  const attributes =
    'server token token-url sign-in locale theme position user-url case-url open-on-answer sound ' +
    'notifications intercept-tel fields hide'
  assert.deepEqual(names(widget!.attributes), attributes.split(' '))
  const methods = widget!.members.filter(({ kind }) => kind === 'method')
  assert.deepEqual(
    names(methods),
    'dial answer hangUp openCall openUser openCase search'.split(' '),
  )
  assert.equal(widget!.events.length, 10)
  assert.deepEqual(names(widget!.cssParts), 'launcher popups popup call-bar panel'.split(' '))
  assert.ok(names(widget!.cssProperties).includes('--ringside-z-index'))
  assert.ok(names(found!.attributes).includes('case-id'))
  assert.ok(names(recording!.attributes).includes('recording-id'))
  assert.ok(names(list!.attributes).includes('token-url'))
  assert.ok(names(settings!.attributes).includes('in-address'))
  assert.deepEqual(settings!.events, [])
  for (const each of module!.declarations) assert.match(each.description, /\w\.$/)
})
