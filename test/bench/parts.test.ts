import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { listLanguages, listParts } from './parts.ts'

const FILES = {
  'widget.js': 'import{W as a}from"./widget/core-AAAAAAAA.js";export{a as W};',
  'widget/core-AAAAAAAA.js': `import"./side-BBBBBBBB.js";export*from'./again-CCCCCCCC.js';
    const later=()=>import("./panel-DDDDDDDD.js"),text="from";`,
  'widget/side-BBBBBBBB.js': 'export const b=1;',
  'widget/again-CCCCCCCC.js': 'import t,{u as o}from"./core-AAAAAAAA.js";export const W=1;',
  'widget/panel-DDDDDDDD.js': 'import{x}from"./shared-EEEEEEEE.js";x();',
  'widget/shared-EEEEEEEE.js': 'export const x=1;',
  'widget/reports-table-GGGGGGGG.js': 'export const r=1;',
  'widget/de-FFFFFF-_.js': 'export const de={};',
}

test('PERF-7 the first script is what runs before anything is asked for; languages stand apart', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-parts-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'widget'))
  for (const [file, code] of Object.entries(FILES)) writeFileSync(join(folder, file), code)
  const parts = listParts(folder, new Set(['de']))
  const kinds = Object.fromEntries(parts.map(({ file, kind }) => [file, kind]))
  assert.deepEqual(kinds, {
    'widget.js': 'first',
    'widget/core-AAAAAAAA.js': 'first',
    'widget/side-BBBBBBBB.js': 'first',
    'widget/again-CCCCCCCC.js': 'first',
    'widget/panel-DDDDDDDD.js': 'later',
    'widget/shared-EEEEEEEE.js': 'later',
    'widget/reports-table-GGGGGGGG.js': 'reports',
    'widget/de-FFFFFF-_.js': 'language',
  })
})

test('PERF-7 English is no language apart: everybody loads it', () => {
  const languages = listLanguages('widget/i18n')
  assert.ok(languages.has('de'))
  assert.ok(![...languages].some((name) => name === 't' || name.startsWith('en')))
})
