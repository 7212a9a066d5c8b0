import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { lockFolder } from '../db/folder-lock.ts'
import { createEmbedSecrets, type EmbedSecrets, OVERLAP_MS } from '../server/embed-secrets.ts'
import { Secret } from '../server/secret.ts'

const START = new Date('2026-03-02T10:00:00.000Z').getTime()

async function inFolder(
  run: (stage: {
    folder: string
    open: (onEnded?: () => void) => Promise<EmbedSecrets>
    tick: (ms: number) => void
  }) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ringside-embed-'))
  let now = START
  try {
    await run({
      folder,
      open: (onEnded = () => undefined) =>
        createEmbedSecrets({
          dataDir: folder,
          fromEnvironment: null,
          clock: () => new Date(now),
          onEnded,
        }),
      tick: (ms) => {
        now += ms
      },
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const textsOf = (secrets: EmbedSecrets) => secrets.accepted().map((each) => each.reveal())

test('EMBED-7 a replaced secret counts for a day more, to the moment', async () => {
  await inFolder(async ({ open, tick, folder }) => {
    const secrets = await open()
    const [old] = textsOf(secrets)
    await secrets.rotate()
    const made = secrets.current().reveal()
    assert.notEqual(made, old)
    assert.ok(Buffer.byteLength(made) >= 32)
    assert.deepEqual(textsOf(secrets), [made, old])
    assert.deepEqual(secrets.state().replaced, [new Date(START + OVERLAP_MS)])
    assert.deepEqual(textsOf(await open()), [made, old], 'after a start, too')
    tick(OVERLAP_MS - 1)
    assert.deepEqual(textsOf(secrets), [made, old])
    tick(1)
    assert.deepEqual(textsOf(secrets), [made])
    assert.deepEqual(textsOf(await open()), [made])
    for (const file of await readdir(folder)) {
      assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600, file)
    }
  })
})

test('EMBED-7 rotations at once lose no secret that somebody was shown', async () => {
  await inFolder(async ({ open }) => {
    const secrets = await open()
    const shown = [secrets.current().reveal()]
    await Promise.all(
      Array.from({ length: 3 }, () =>
        secrets.rotate().then(() => shown.push(secrets.current().reveal())),
      ),
    )
    assert.deepEqual(new Set(textsOf(secrets)), new Set(shown))
    assert.equal(textsOf(secrets).length, 4)
  })
})

test('EMBED-7 rotations by several processes at once lose no secret that somebody was shown', async () => {
  await inFolder(async ({ open, folder }) => {
    const processes = await Promise.all([open(), open(), open()])
    const shown = [...textsOf(processes[0])]
    await Promise.all(
      processes.map((each) => each.rotate().then(() => shown.push(each.current().reveal()))),
    )
    const last = await open()
    assert.deepEqual(new Set(textsOf(last)), new Set(shown))
    assert.equal(textsOf(last).length, 4)
    const unlock = await lockFolder(folder, 'embed-lock')
    const rotation = processes[0].rotate()
    const [before] = textsOf(await open())
    assert.equal(before, last.current().reveal(), 'it waits for whoever changes it')
    unlock?.()
    await rotation
    assert.notEqual(processes[0].current().reveal(), before)
  })
})

test('SAFE-8 who has a replaced secret that must not is shut out at once, by every process', async () => {
  await inFolder(async ({ open, tick }) => {
    const ended = { here: 0, there: 0 }
    const here = await open(() => {
      ended.here += 1
    })
    const there = await open(() => {
      ended.there += 1
    })
    await here.rotate()
    await there.refresh()
    assert.deepEqual(textsOf(there), textsOf(here))
    assert.deepEqual(ended, { here: 0, there: 0 }, 'a rotation ends nothing')
    await here.endReplaced()
    assert.deepEqual(textsOf(here), [here.current().reveal()])
    await there.refresh()
    await there.refresh()
    assert.deepEqual(textsOf(there), textsOf(here))
    assert.deepEqual(ended, { here: 1, there: 1 })
    await here.rotate()
    tick(OVERLAP_MS)
    await here.refresh()
    assert.equal(ended.here, 1, 'the end of its time is no surprise')
  })
})

test('EMBED-7 a secret of the environment is changed there, and the message says so', async () => {
  const secret = new Secret('from-the-environment-0123456789-0123')
  const secrets = await createEmbedSecrets({
    dataDir: '/nowhere',
    fromEnvironment: secret,
    clock: () => new Date(START),
  })
  assert.deepEqual(secrets.state(), { origin: 'environment', madeAt: null, replaced: [] })
  assert.deepEqual(textsOf(secrets), [secret.reveal()])
  for (const act of [secrets.rotate, secrets.endReplaced]) {
    await assert.rejects(act, /EMBED_SECRET: change it there/)
  }
})

test('EMBED-7 a file of replaced secrets that cannot be read stops the start and is named', async () => {
  await inFolder(async ({ open, folder }) => {
    for (const text of ['{}', '[{"secret":1}]', '']) {
      await writeFile(join(folder, 'embed-replaced.secret'), text)
      await assert.rejects(open(), /embed-replaced\.secret is no list/)
    }
  })
})
