import assert from 'node:assert/strict'
import test from 'node:test'
import type { Api } from '../../widget/client/api.ts'
import { createCaseList } from '../../widget/client/case-list.ts'
import { createCaseUsers } from '../../widget/client/case-users.ts'
import { createClient } from '../../widget/client/client.ts'
import type { SharedOptions } from '../../widget/client/tabs.ts'
import { at, caseView, NOW, userView } from '../widget/fake-server.ts'

type Tell = Pick<SharedOptions, 'onEvent'>

function createStage() {
  const asked: string[] = []
  const tell: { current: Tell | null } = { current: null }
  const answer = (path: string): unknown => {
    const [, ids = ''] = /\?ids=(.*)/.exec(path) ?? []
    const items = ids === '' ? [] : ids.split(',').map((id) => userView({ id }))
    return { items, next: null }
  }
  const api: Api = {
    server: 'http://127.0.0.1:9',
    signsIn: false,
    get: async (path) => {
      asked.push(path)
      return answer(path) as never
    },
    send: () => assert.fail('nothing is sent'),
    resolve: (address) => address,
  }
  const client = createClient({
    api,
    now: () => NOW,
    openStream: (options) => {
      tell.current = options
      return { wake: () => undefined, close: () => undefined }
    },
  })
  client.start()
  return { client, asked, tell: (data: unknown) => tell.current?.onEvent('case', data) }
}

const caseOf = (index: number) => {
  const { messages: _messages, ...found } = caseView({
    id: `case-${index}`,
    userId: `user-${index}`,
    updatedAt: at(20_000 - index),
  })
  return { ...found, message: null, withdrawnTo: null }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('CASE-14 PERF-7 a list that is open all day holds a thousand of what came, the newest, and says that there are more', async () => {
  const { client, tell } = createStage()
  const list = createCaseList(client)
  await settled()
  for (let index = 0; index < 1200; index += 1) tell(caseOf(index))
  await settled()
  assert.equal(list.rows.length, 1000)
  assert.equal(list.rows[0]?.case.id, 'case-1199')
  assert.equal(list.isFull, true)
  list.close()
  client.close()
})

test('PERF-7 people who are shown no more are forgotten, and read again when they come back', async () => {
  const { client, asked } = createStage()
  const users = createCaseUsers(client, () => undefined)
  await users.need(Array.from({ length: 2100 }, (_, index) => caseOf(index)))
  assert.equal(asked.filter((path) => path.includes('ids=')).length, 11)
  await users.need([caseOf(2000), caseOf(3000)])
  assert.deepEqual(
    [0, 2000, 3000].map((index) => users.of(`user-${index}`)?.id),
    [undefined, 'user-2000', 'user-3000'],
  )
  await users.need([caseOf(0)])
  assert.equal(users.of('user-0')?.id, 'user-0')
  client.close()
})
