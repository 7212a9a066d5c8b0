import assert from 'node:assert/strict'
import test from 'node:test'
import { getCountries } from 'libphonenumber-js/min'
import { itemsOf, rowsOf } from '../../widget/settings/connections/assignments.ts'
import { amiTexts, ariTexts, makePassword } from '../../widget/settings/connections/conf-text.ts'
import {
  afterSaving,
  asksPassword,
  changesOf,
  type Draft,
  draftOf,
  EMPTY_ARI,
  isComplete,
  LINK_PARTS,
  newDraft,
  PBX_PARTS,
} from '../../widget/settings/connections/draft.ts'
import { countryCodes, countryOf } from '../../widget/settings/connections/places.ts'
import { suggestAgent } from '../../widget/settings/connections/suggest.ts'
import { isLocal } from '../../widget/settings/connections/webhook-url.ts'
import { AMI, away, connectionView, ENDPOINTS, linked, TEAM } from '../widget/settings-world.ts'

test('ADMIN-1 the countries of the form are those that the server reads numbers of', () => {
  assert.deepEqual([...countryCodes()].sort(), [...getCountries()].sort())
})

test('ADMIN-1 the country comes from the time zone, whatever language the browser speaks', () => {
  assert.equal(countryOf('Europe/Minsk', 'en-US'), 'BY')
  assert.equal(countryOf('America/Sao_Paulo', 'de-DE'), 'BR')
  assert.equal(countryOf('UTC', 'de-AT'), 'AT')
})

test('ADMIN-1 nothing typed: nothing to save; a change is sent alone', () => {
  for (const connection of [linked, away, connectionView()]) {
    assert.equal(changesOf(draftOf(connection), connection), null)
  }
  const draft: Draft = { ...draftOf(away), name: 'Brest', timeZone: 'UTC' }
  assert.deepEqual(changesOf(draft, away), { name: 'Brest', timeZone: 'UTC' })
  assert.equal(changesOf(draft, away, LINK_PARTS), null)
})

test('ADMIN-1 a new connection has all that the server needs, and no account', () => {
  const body = changesOf({ ...newDraft('UTC', 'BY'), name: ' Head office ' }, null, PBX_PARTS)
  assert.equal(body?.name, 'Head office')
  assert.equal(body?.ari, undefined)
})

test('ADMIN-1 one form saved keeps what is typed in the other', () => {
  const typed: Draft = { ...draftOf(linked), name: 'Mine', ari: { ...EMPTY_ARI, url: 'x' } }
  const rest = afterSaving(typed, { ...linked, name: 'Mine' }, PBX_PARTS)
  assert.equal(rest.name, 'Mine')
  assert.equal(rest.ari?.url, 'x')
})

test('ADMIN-1 the password is asked again when host, port, protocol or user change, and only then', () => {
  const draft = draftOf(linked)
  const withUrl = (url: string): Draft => ({ ...draft, ari: { ...draft.ari!, url } })
  assert.equal(asksPassword('ari', draft, linked), false)
  assert.equal(asksPassword('ari', withUrl('pbx.example.com:8089'), linked), false)
  for (const url of ['http://pbx.example.com:8089', 'pbx.example.com:8088', 'other.example:8089']) {
    assert.equal(asksPassword('ari', withUrl(url), linked), true, url)
    assert.equal(isComplete('ari', withUrl(url), linked), false, url)
  }
  const ami = draftOf(away)
  assert.equal(asksPassword('ami', ami, away), false)
  for (const change of [{ host: 'other' }, { port: '5039' }, { tls: true }, { userName: 'root' }]) {
    const changed = { ...ami, ami: { ...ami.ami!, ...change } }
    assert.equal(asksPassword('ami', changed, away), true, JSON.stringify(change))
  }
  assert.equal(AMI.port, 5038)
  assert.equal(asksPassword('ami', { ...ami, ami: { ...ami.ami!, port: '' } }, away), false)
})

test('ADMIN-2 an agent is suggested by number or name, and never where two could be meant', () => {
  const idOf = (extension: string) => suggestAgent(extension, TEAM)?.id ?? null
  assert.equal(idOf('101'), 'agent-1')
  assert.equal(idOf('boris'), 'boris')
  assert.equal(idOf('Rossi.Chiara'), 'chiara')
  assert.equal(idOf('102'), null)
  const twins = [...TEAM, { ...TEAM[1]!, id: 'boris-2' }]
  assert.equal(suggestAgent('boris', twins), null)
})

test('ADMIN-2 what is saved is the whole list, without phones that are nobody’s', () => {
  const stored = [{ extension: '150', agentId: null, canAnswer: false }]
  const edits = new Map([
    ['boris', { extension: 'boris', agentId: 'boris', canAnswer: false }],
    ['199', { extension: '199', agentId: null, canAnswer: false }],
    ['150', null],
  ])
  const rows = rowsOf(stored, ENDPOINTS, edits, TEAM)
  assert.deepEqual(
    rows.map(({ extension }) => extension),
    ['101', '102', '199', 'boris', 'trunk-provider'],
  )
  assert.deepEqual(
    itemsOf(rows, stored).map(({ extension, agentId }) => [extension, agentId]),
    [
      ['199', null],
      ['boris', 'boris'],
    ],
  )
})

test('ADMIN-1 what is to be pasted into the PBX’s files cannot end its line or section', () => {
  const password = 'a;b\nread_only = no'
  const texts = [...ariTexts('ring]side\n[x', password), ...amiTexts('ring]side\n[x', password)]
  for (const { text } of texts) {
    assert.doesNotMatch(text, /\[x/)
    assert.ok((text.match(/^read_only/gm) ?? []).length <= 1)
    if (text.includes('a\\;b')) assert.match(text, /(password|secret) = a\\;bread_only = no\n/)
  }
  assert.match(makePassword(), /^[A-Za-z2-9]{24}$/)
  assert.notEqual(makePassword(), makePassword())
})

test('ADMIN-3 an address that only this machine reaches is told of', () => {
  for (const url of ['http://localhost:3000/x', 'http://127.0.0.1/x', 'http://[::1]:3000/x']) {
    assert.equal(isLocal(url), true, url)
  }
  assert.equal(isLocal('https://calls.example.com/x'), false)
})
