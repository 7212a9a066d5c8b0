import assert from 'node:assert/strict'
import test from 'node:test'
import { createTestApp } from '../support/app.ts'
import { onEachDatabase } from '../support/database.ts'

const OFFICE = { name: 'Office', timeZone: 'UTC', country: 'DE' }
const ARI = { url: 'pbx.example.com', userName: 'r', password: 'p', events: true }

onEachDatabase((open) => {
  test('ARI-4 the settings of a PBX that connects to Ringside are generated', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { body } = await app.call('POST', '/api/connections', { json: OFFICE })
    const path = `/api/connections/${body.id}/websocket`
    const { status, body: conf } = await app.call('GET', path)
    assert.equal(status, 200)
    const { host, pathname } = new URL(body.webhookUrl)
    const token = pathname.split('/').at(-1)
    const uri = /^uri = (.*)$/m.exec(conf.websocketClientConf)?.[1]
    assert.match(uri ?? '', new RegExp(`^wss?://${host.split(':')[0]}(:\\d+)?/pbx/ari/${token}$`))
    assert.match(conf.ariConf, new RegExp(`^apps = ringside-${body.id}$`, 'm'))
    const again = await app.call('GET', path)
    assert.deepEqual(again.body, conf)
  })

  test('ARI-4 a connection with an ARI account of its own is not visited', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { body } = await app.call('POST', '/api/connections', { json: { ...OFFICE, ari: ARI } })
    const refused = await app.call('GET', `/api/connections/${body.id}/websocket`)
    assert.equal(refused.status, 409)
    assert.match(refused.body.type, /\/has-ari-account$/)
    assert.equal((await app.call('GET', '/api/connections/none/websocket')).status, 404)
  })
})
