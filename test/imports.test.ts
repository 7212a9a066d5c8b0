import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import test from 'node:test'

interface Import {
  readonly from: string
  readonly to: string
  readonly isTypeOnly: boolean
}

/** Who may import what: the first rule whose folder holds the file counts. */
interface Rule {
  readonly files: RegExp
  /** What its run-time imports may be; types may come from anywhere in `server`. */
  readonly may: readonly RegExp[]
}

const RULES: readonly Rule[] = [
  { files: /^server\/calls\/phone\.ts$/, may: [/^server\/calls\//, /^libphonenumber-js/] },
  { files: /^server\/calls\//, may: [/^server\/calls\//, /^server\/errors\.ts$/] },
  { files: /^server\/cases\//, may: [/^server\/(calls|cases)\//, /^server\/errors\.ts$/] },
  {
    // ARI is HTTP; `ari-client` has a thread of its own.
    files: /^server\/sources\/ari-[a-z-]+\.ts$/,
    may: [
      /^server\/(sources|net)\//,
      /^server\/(errors|log)\.ts$/,
      /^node:(net|tls|http|https|dns|worker_threads)$/,
      /^(ari-client|ws)$/,
    ],
  },
  {
    files: /^server\/sources\/ami-file\.ts$/,
    may: [/^server\/sources\//, /^node:fs\/promises$/],
  },
  {
    files: /^server\/net\//,
    may: [/^server\/net\//, /^node:(net|dns\/promises)$/],
  },
  {
    files: /^server\/sources\//,
    may: [
      /^server\/(sources|net)\//,
      /^server\/(errors|log|zone-offset)\.ts$/,
      /^server\/setup\/connection\.ts$/,
      /^node:(net|tls|crypto|buffer)$/,
    ],
  },
  {
    files: /^server\/links\//,
    may: [/^server\/(links|sources)\//, /^server\/errors\.ts$/, /^db\//, /^uuid$/],
  },
  {
    files: /^server\/control\//,
    may: [
      /^server\/(control|calls)\//,
      /^server\/sources\/pbx\.ts$/,
      /^server\/errors\.ts$/,
      // What is told is what the API shows.
      /^server\/http\/view\.ts$/,
      /^db\//,
      /^node:crypto$/,
    ],
  },
  {
    files: /^db\//,
    may: [/^db\//, /^kysely/, /^postgres$/, /^@electric-sql\//, /^uuid$/, /^node:/],
  },
  {
    files: /^server\/pipeline\//,
    may: [
      /^server\/(pipeline|calls|cases)\//,
      /^server\/errors\.ts$/,
      /^server\/setup\/connection\.ts$/,
      // What is told is what the API shows.
      /^server\/http\/view\.ts$/,
      /^server\/recordings\/recording-view\.ts$/,
      /^db\//,
      /^uuid$/,
      /^node:timers\/promises$/,
    ],
  },
  {
    files: /^server\/stream\//,
    may: [
      /^server\/stream\//,
      /^server\/batched\.ts$/,
      // Who may see what is one rule.
      /^server\/http\/access\.ts$/,
      // What is told is what the API shows.
      /^server\/calls\/call-view\.ts$/,
      /^server\/http\/view\.ts$/,
      /^server\/pipeline\/view-calls\.ts$/,
      /^db\//,
      /^node:timers\/promises$/,
    ],
  },
  {
    files: /^server\/hooks\//,
    may: [
      /^server\/(hooks|net)\//,
      // What is told is what the API shows.
      /^server\/pipeline\/view-case\.ts$/,
      /^server\/errors\.ts$/,
      /^db\//,
      /^uuid$/,
      /^node:(crypto|http|https)$/,
    ],
  },
  {
    files: /^server\/privacy\//,
    may: [
      /^server\/privacy\//,
      /^node:timers\/promises$/,
      /^server\/calls\/phone\.ts$/,
      /^server\/pipeline\/(unit|again|with-locks)\.ts$/,
      /^server\/errors\.ts$/,
      /^db\//,
    ],
  },
  {
    files: /^server\/recordings\//,
    may: [
      /^server\/(recordings|calls)\//,
      /^server\/pipeline\/(unit|recordings)\.ts$/,
      /^server\/(errors|xml-text)\.ts$/,
      /^db\//,
      /^node:/,
      /^(file-type|aws4fetch)$/,
      /^(music-metadata|mpg123-decoder|opus-decoder|@wasm-audio-decoders\/ogg-vorbis)$/,
      /^uuid$/,
    ],
  },
  {
    files: /^server\/reports\//,
    may: [
      /^server\/reports\//,
      /^server\/(errors|turns|zone-offset)\.ts$/,
      /^server\/calls\/call\.ts$/,
      /^db\//,
    ],
  },
  { files: /^widget\/client\//, may: [/^widget\/client\//, /^sse\.js$/] },
  {
    // What no spreadsheet takes for a formula is known in one place.
    files: /^widget\/settings\//,
    may: [/^widget\//, /^lit(\/|$)/, /^server\/http\/csv\.ts$/],
  },
  {
    files: /^widget\//,
    may: [/^widget\//, /^lit(\/|$)/],
  },
]

const NEVER: readonly { readonly files: RegExp; readonly never: RegExp; readonly why: string }[] = [
  {
    files: /^server\/(?!context\.ts|main\.ts)/,
    never: /^server\/(context|main)\.ts$/,
    why: 'wiring is not imported',
  },
  { files: /^server\/http\//, never: /^kysely/, why: 'SQL is in db/' },
  { files: /^(server|db)\//, never: /^(lit|widget\/)/, why: 'the server has no widget' },
  { files: /^(server|db|widget)\//, never: /^test\//, why: 'the product does not need its tests' },
]

test('imports keep the table of the layout', () => {
  const broken = globSync('{server,db,widget}/**/*.ts')
    .sort()
    .flatMap((file) => {
      const rule = RULES.find((each) => each.files.test(file))
      return importsOf(file)
        .filter((each) => !each.isTypeOnly)
        .flatMap(({ from, to }) => {
          const never = NEVER.find((each) => each.files.test(from) && each.never.test(to))
          if (never !== undefined) return [`${from} imports ${to}: ${never.why}`]
          const isAllowed = rule === undefined || rule.may.some((each) => each.test(to))
          return isAllowed ? [] : [`${from} imports ${to}`]
        })
    })
  assert.deepEqual(broken, [])
})

/** What elements leave to `widget/client`: the way to the server, and what a browser keeps. Ruby, which is shown to admins, has an `ENV.fetch`. */
const CLIENTS_OWN =
  /(?<!\bENV\.)\bfetch\(|\b(EventSource|XMLHttpRequest|localStorage|sessionStorage|indexedDB)\b/

test('elements do not fetch, and keep nothing', () => {
  const broken = globSync(
    'widget/{elements,player,settings,reports,wallboard,i18n}/**/*.ts',
  ).filter((file) =>
    CLIENTS_OWN.test(readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')),
  )
  assert.deepEqual(broken, [])
})

test('one file imports ari-client', () => {
  const importers = globSync('{server,db,widget}/**/*.ts').filter((file) =>
    importsOf(file).some(({ to }) => to === 'ari-client'),
  )
  assert.ok(importers.length <= 1, importers.join(', '))
})

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
  const found = text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?'([^']+)'/gm)
  // Parts that load on demand; `typeof import(…)` is a type.
  const later = text.matchAll(/(?<!typeof )()\bimport\(\s*'([^']+)'/g)
  return [...found, ...later].map(([, type, target = '']) => ({
    from: file,
    to: target.startsWith('.') ? relative('.', join(dirname(file), target)) : target,
    isTypeOnly: Boolean(type),
  }))
}
