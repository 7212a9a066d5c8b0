import assert from 'node:assert/strict'
import test, { after, before, describe } from 'node:test'
import { onEachDatabase } from '../support/database.ts'
import { ARI_PASSWORD, ARI_USER, createFakeAri, type FakeAri } from '../support/fake-ari.ts'
import { until } from '../support/linked.ts'
import { createScriptedAmi, type ScriptedAmi } from '../support/scripted-ami.ts'
import { createWorld, dialplanTime, type World } from '../support/world.ts'

onEachDatabase((open) => {
  describe('accounts of a form', () => {
    let world: World
    let ari: FakeAri
    let other: FakeAri
    let ami: ScriptedAmi
    let otherAmi: ScriptedAmi
    before(async () => {
      world = await createWorld(open)
      ari = await createFakeAri()
      other = await createFakeAri()
      ami = await createScriptedAmi()
      otherAmi = await createScriptedAmi()
    })
    after(async () => {
      await world.close()
      for (const each of [ari, other, ami, otherAmi]) await each[Symbol.asyncDispose]()
    })
    const tryOut = (json: unknown) => world.api('POST', '/api/connections/test', json)
    const ariOf = (url: string) => ({ url, userName: ARI_USER, password: ARI_PASSWORD })
    const amiOf = (port: number) => ({
      host: '127.0.0.1',
      port,
      userName: 'ringside',
      secret: 'secret',
    })
    const connections = async () => (await world.api('GET', '/api/connections')).body.items

    test('ADMIN-2 ADMIN-1 an account is tried out before it is saved, and the extensions come with it', async () => {
      const before = await connections()
      const { status, body } = await tryOut({ ari: ariOf(ari.url), ami: amiOf(ami.port) })
      assert.equal(status, 200, JSON.stringify(body))
      assert.deepEqual([body.ari.ok, body.ami.ok], [true, true], JSON.stringify(body))
      assert.deepEqual(
        body.ari.endpoints.map(({ resource }: { resource: string }) => resource),
        ['101', '102', 'trunk'],
      )
      assert.deepEqual(await connections(), before, 'nothing is saved')
      const wrong = await tryOut({ ari: { ...ariOf(ari.url), password: 'password-canary' } })
      assert.deepEqual(Object.keys(wrong.body), ['ari'])
      assert.equal(wrong.body.ari.code, 'wrong-login')
      assert.doesNotMatch(JSON.stringify(wrong.body), /canary/)
    })

    test('ADMIN-1 what is missing or cannot be is named, field by field', async () => {
      for (const [json, paths] of [
        [{}, ['ari']],
        [{ ari: null, ami: null }, ['ari']],
        [{ ari: { url: ari.url } }, ['ari.userName']],
        [{ ari: { url: ari.url, userName: 'x' } }, ['ari.password']],
        [{ ami: { host: 'x' } }, ['ami.userName']],
        [{ ami: { host: 'x', userName: 'x' } }, ['ami.secret']],
        [{ ami: { host: 'a b' } }, ['ami.host']],
      ] as const) {
        const { status, body } = await tryOut(json)
        assert.equal(status, 400, JSON.stringify([json, body]))
        assert.deepEqual(
          body.errors.map(({ path }: { path: string }) => path),
          paths,
        )
      }
      assert.equal((await tryOut({ connectionId: 'none', ari: ariOf(ari.url) })).status, 404)
      const agent = await world.api(
        'POST',
        '/api/connections/test',
        { ari: ariOf(ari.url) },
        'anna',
      )
      assert.equal(agent.status, 403)
    })

    test('SAFE-5 a stored password stands in for the one left out, and goes to no other host, port, protocol or user', async () => {
      const made = await world.api('POST', '/api/connections', {
        name: 'Form',
        timeZone: 'UTC',
        country: 'BY',
        ari: { ...ariOf(ari.url), events: false },
        ami: { ...amiOf(ami.port), events: false },
      })
      assert.equal(made.status, 201, JSON.stringify(made.body))
      const { id: connectionId } = made.body
      const { password: _p, ...bareAri } = ariOf(ari.url)
      const { secret: _s, ...bareAmi } = amiOf(ami.port)
      const same = await tryOut({ connectionId, ari: bareAri, ami: bareAmi })
      assert.deepEqual(
        [same.body.ari?.ok, same.body.ami?.ok],
        [true, true],
        JSON.stringify(same.body),
      )

      const moves = [
        { path: 'ari.password', ari: { url: other.url } },
        { path: 'ari.password', ari: { url: `http://localhost:${ari.port}` } },
        { path: 'ari.password', ari: { url: `https://127.0.0.1:${ari.port}` } },
        { path: 'ari.password', ari: { userName: 'other' } },
        { path: 'ami.secret', ami: { port: otherAmi.port } },
        { path: 'ami.secret', ami: { host: 'localhost' } },
        { path: 'ami.secret', ami: { tls: true } },
        { path: 'ami.secret', ami: { userName: 'other' } },
      ]
      const asked = [other.requests.length, otherAmi.actions.length]
      for (const { path, ari: ariMove, ami: amiMove } of moves) {
        const form = {
          ...(ariMove === undefined ? {} : { ari: { ...bareAri, ...ariMove } }),
          ...(amiMove === undefined ? {} : { ami: { ...bareAmi, ...amiMove } }),
        }
        for (const refused of [
          await tryOut({ connectionId, ...form }),
          await world.api('PATCH', `/api/connections/${connectionId}`, form),
        ]) {
          assert.equal(refused.status, 400, JSON.stringify([form, refused.body]))
          assert.equal(refused.body.errors[0].path, path)
          assert.match(refused.body.errors[0].message, /needed again/)
        }
      }
      assert.deepEqual(
        [other.requests.length, otherAmi.actions.length],
        asked,
        'nobody else was asked anything',
      )
      const moved = await tryOut({ connectionId, ari: { ...bareAri, ...ariOf(other.url) } })
      assert.equal(moved.body.ari.ok, true, 'with a password of its own')
      await world.api('DELETE', `/api/connections/${connectionId}`)
    })

    test('CALL-17 how far the clock of the PBX is behind is one figure, shown once enough is heard', async () => {
      const shown = async (): Promise<number | null> => {
        await world.settled()
        const path = `/api/connections/${world.connectionId}`
        return (await world.api('GET', path)).body.clockErrorSeconds
      }
      const ring = (index: number, behindSeconds: number) => {
        const at = new Date(world.now().getTime() - behindSeconds * 1000)
        const event = { unique_id: `5.${index}`, status: 'incoming_ring', to_user: '101' }
        return world.hook({ ...event, from_user: '79160001122', datetime: dialplanTime(at) })
      }
      for (let index = 0; index < 3; index += 1) await ring(index, 600)
      assert.equal(await shown(), null)
      await ring(3, 900)
      const slow = await shown()
      assert.ok(slow !== null && slow >= 600 && slow < 660, `${slow}`)
      await ring(4, -300)
      const fast = await shown()
      assert.ok(fast !== null && fast >= -300 && fast < -240, `${fast}`)
    })

    test('ADMIN-2 where no extensions come, it is said that the PBX cannot be reached, and how to open it', async () => {
      const path = `/api/connections/${world.connectionId}`
      const none = await world.api('GET', `${path}/endpoints`)
      assert.equal(none.status, 409)
      assert.match(none.body.detail, /neither ARI nor AMI/)
      assert.match(none.body.hint, /by hand/)
      await world.api('PATCH', path, { ari: { ...ariOf('http://127.0.0.1:1'), events: true } })
      await until(async () => (await world.api('GET', path)).body.status.ari.state === 'down')
      const away = await world.api('GET', `${path}/endpoints`)
      assert.deepEqual([away.status, away.body.type], [409, '/problems/pbx-away'])
      assert.match(away.body.detail, /cannot be reached from here: .*ECONNREFUSED/)
      for (const word of [
        'http.conf',
        'bindaddr',
        'ari.conf',
        'manager.conf',
        'Firewall',
        '8088',
        '5038',
      ])
        assert.ok(away.body.hint.includes(word), word)
      await world.api('PATCH', path, { ari: null })
    })
  })
})
