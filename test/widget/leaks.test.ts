import { expect } from '@open-wc/testing'
import '../../widget/elements/call-bar.ts'
import '../../widget/elements/panel.ts'
import { answered, at, callView, type FakeServer, userView } from './fake-server.ts'
import { all, show, widget } from './page.ts'
import { waitUntil } from './wait-until.ts'

const CALLS = 60

describe('leaks', () => {
  afterEach(() => widget.remove())

  it('PERF-7 after calls have rung, been answered and ended nothing of them listens any more', async () => {
    const server = await show({ users: [userView()] })
    const { client } = server
    let listening = 0
    const subscribe = client.subscribe
    Object.assign(client, {
      subscribe(listener: Parameters<typeof subscribe>[0]) {
        listening += 1
        const stop = subscribe(listener)
        return () => {
          listening -= 1
          stop()
        }
      },
    })
    await play(server, 3)
    const once = listening
    await play(server, CALLS)
    expect(listening).to.equal(once)
    expect(once, 'what is loaded with the first call').to.be.below(3)
  })
})

/** Calls one after another; at the end the panel is closed. */
async function play(server: FakeServer, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const since = at(200 - i)
    const change = { id: crypto.randomUUID(), userId: 'user-1', startedAt: since, ringingAt: since }
    server.push('call', callView(change))
    await widget.updateComplete
    server.push('call', answered(change))
    await waitUntil(() => all('ringside-panel').length === 1)
    server.push('call', answered({ ...change, state: 'ended', endedAt: at(0) }))
    await widget.updateComplete
  }
  widget.routes = []
  await waitUntil(() => all('ringside-panel').length === 0)
}
