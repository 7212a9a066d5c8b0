import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import test, { after, before, describe } from 'node:test'
import { onEachDatabase } from '../support/database.ts'
import { accountAt, connectTo, ENDPOINTS, linkStatus, until } from '../support/linked.ts'
import { createFakePbx, FAKE_ACCOUNT, type FakePbx } from '../support/model-pbx.ts'
import { createWorld, type World } from '../support/world.ts'

const READ_ONLY = {
  userName: 'ringside-ro',
  secret: 'ringside-ami-ro',
  allowed: ['Ping', 'ListCommands', 'CoreSettings', 'CoreShowChannels', 'Getvar'],
}

onEachDatabase((open) => {
  describe('in one world', () => {
    let world: World
    let pbx: FakePbx
    before(async () => {
      world = await createWorld(open)
      pbx = await createFakePbx({ endpoints: ENDPOINTS, accounts: [FAKE_ACCOUNT, READ_ONLY] })
    })
    after(async () => {
      await world.close()
      await pbx.close()
    })
    const path = (rest = ''): string => `/api/connections/${world.connectionId}${rest}`
    const set = (ami: unknown) => world.api('PATCH', path(), { ami })
    const check = async () => {
      const { status, body } = await world.api('POST', path('/test'))
      assert.equal(status, 200, JSON.stringify(body))
      return body.ami
    }

    test('AMI-1 the status of a connection says that its link is up, since when, and the version', async () => {
      assert.equal((await linkStatus(world)).state, 'off')
      await connectTo(world, pbx)
      const status = await linkStatus(world)
      assert.equal(status.version, '22.10.1')
      assert.equal(status.error, null)
      assert.ok(Date.now() - Date.parse(status.since) < 60_000)
      await set(null)
      await until(() => pbx.clients() === 0)
      assert.equal((await linkStatus(world)).state, 'off')
    })

    test('ADMIN-1 a good account is told by its version', async () => {
      await connectTo(world, pbx)
      const { endpoints, ...rest } = await check()
      assert.equal(endpoints.length, ENDPOINTS.length)
      assert.deepEqual(rest, {
        ok: true,
        code: 'ok',
        message: 'Asterisk 22.10.1',
        hint: '',
      })
    })

    test('CTL-1 a read-only account tells calls, shows no control, and the test says which right is missing', async () => {
      const { allowed: _, ...account } = READ_ONLY
      await connectTo(world, pbx, account)
      await until(async () => (await linkStatus(world)).state === 'up')
      const { ok, hint } = await check()
      assert.equal(ok, true)
      assert.match(hint, /write = originate,call,agent,system$/)
      assert.deepEqual([...world.context.links.controls(world.connectionId)], [])
      const answer = await world.api('POST', '/api/dial', { number: '79035557788' }, 'anna')
      assert.equal(answer.status, 409, JSON.stringify(answer.body))
    })

    test('AMI-1 a refused login is a status for the admin, and no loop', async () => {
      const before = pbx.actions.filter(({ name }) => name === 'Login').length
      assert.equal((await set(accountAt(pbx, { secret: 'another-canary' }))).status, 200)
      await until(async () => (await linkStatus(world)).state === 'down')
      const { error } = await linkStatus(world)
      assert.match(error, /refused the login of "ringside"/)
      assert.doesNotMatch(error, /canary/)
      // A link that has lost its PBX is back within half a second: by now it would have tried thrice.
      await new Promise((resolve) => setTimeout(resolve, 2000))
      const logins = pbx.actions.filter(({ name }) => name === 'Login').length - before
      assert.equal(logins, 1)
      assert.equal((await check()).code, 'wrong-login')
    })

    test('ADMIN-1 nobody listens; something else answers: each has its own words, and no body', async () => {
      const ssh = createServer((socket) => {
        socket.on('error', () => undefined)
        socket.write('SSH-2.0-OpenSSH_9.2 banner-canary\r\n')
      }).listen(0, '127.0.0.1')
      await once(ssh, 'listening')
      const address = ssh.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      await set(accountAt(pbx, { port }))
      const other = await check()
      assert.equal(other.code, 'ssh')
      assert.doesNotMatch(JSON.stringify([other, await linkStatus(world)]), /canary|SSH-2/)
      ssh.close()
      await set(accountAt(pbx, { port: 1 }))
      const closed = await check()
      assert.equal(closed.code, 'refused')
      assert.notEqual(closed.hint, '')
      await set(accountAt(pbx, { host: '169.254.169.254' }))
      assert.match((await check()).message, /link-local|metadata/)
      await set(accountAt(pbx, { tls: true }))
      assert.equal((await check()).code, 'tls-not-spoken')
    })

    test('ARI-1 the PBX’s endpoints are listed with whose they are', async () => {
      await set(null)
      await set(accountAt(pbx, { port: 1 }))
      await until(async () => (await linkStatus(world)).state === 'down')
      assert.equal((await world.api('GET', path('/endpoints'))).status, 409)
      await connectTo(world, pbx)
      const { status, body } = await world.api('GET', path('/endpoints'))
      assert.equal(status, 200)
      assert.deepEqual(
        body.items.find(({ resource }: { resource: string }) => resource === '101'),
        {
          technology: 'PJSIP',
          resource: '101',
          extension: '101',
          state: 'online',
          agentId: world.agents.anna,
        },
      )
      assert.equal(body.items.length, ENDPOINTS.length)
    })

    test('AMI-5 a pasted element makes account and options, and its secret is kept as secrets are', async () => {
      const element = `<asterisk url="127.0.0.1" port="${pbx.port}" userName="${FAKE_ACCOUNT.userName}" secret="${FAKE_ACCOUNT.secret}" originateContext="from-crm" />`
      const made = await world.api('POST', '/api/connections', {
        name: 'pasted',
        timeZone: 'UTC',
        country: 'RU',
        options: element,
      })
      assert.equal(made.status, 201, JSON.stringify(made.body))
      assert.equal(made.body.ami.host, '127.0.0.1')
      assert.equal(made.body.ami.events, true)
      assert.equal(made.body.options.originateContext, 'from-crm')
      assert.doesNotMatch(JSON.stringify(made.body), new RegExp(FAKE_ACCOUNT.secret))
      await until(async () => {
        const { body } = await world.api('GET', `/api/connections/${made.body.id}`)
        return body.status.ami.state === 'up'
      })
      const gone = await world.api('DELETE', `/api/connections/${made.body.id}`)
      assert.equal(gone.status, 204)
      await until(() => pbx.clients() === 1)
      const bad = await world.api('PATCH', path(), { options: '<asterisk url="a b" />' })
      assert.equal(bad.status, 400)
    })
  })
})
