import { expect } from '@open-wc/testing'
import { answered, at, ME, refusal, type World } from './fake-server.ts'
import { all, button, one, show, textOf, texts, widget } from './page.ts'
import { TRACE, traceItem } from './scenes/trace.ts'
import { waitUntil } from './wait-until.ts'

const PATH = 'GET /api/calls/call-1/trace'
const talking = answered({ userId: null })
const inCall: World = { calls: [talking], answers: { [PATH]: { items: TRACE } } }

async function openTrace(): Promise<void> {
  await one('ringside-panel ringside-user')
  ;(await button('What happened, and who saw it')).click()
  await waitUntil(() => all('ringside-call-trace .item').length > 0, 'no trace')
}

const verdicts = () => texts('ringside-call-trace .who li')
const sentences = () => texts('ringside-call-trace .item .grow > p:first-child')

describe('the trace of a call', () => {
  beforeEach(() => sessionStorage.clear())
  afterEach(() => widget.remove())

  it('CALL-19 says who was shown a pop-up, and who was not and why, in sentences', async () => {
    await show(inCall)
    await openTrace()
    expect(verdicts()).to.deep.equal([
      'Anna Petrova (101) You · Pop-up shown The phone rang and a page was open.',
      'Boris Klein (102) · No pop-up No page with calls was open, or it was not signed in.',
      'Chiara Rossi (103) · No pop-up The agent had closed the pop-up of this call.',
      'Extension 119 · No pop-up This extension is assigned to nobody. An admin can assign it in the settings.',
    ])
  })

  it('CALL-19 tells what came from the PBX in order, late arrivals included, with the fields behind a disclosure', async () => {
    await show(inCall)
    await openTrace()
    expect(sentences()).to.deep.equal([
      'A call from +375 29 170-16-99 to +375 17 300-10-10 came in',
      'Queue Support rings Anna Petrova (101), Boris Klein (102), Chiara Rossi (103), and Extension 119',
      'Anna Petrova (101) answered',
      'Anna Petrova pressed “Hold”',
      'Anna Petrova (101) put the call on hold',
      'Anna Petrova pressed “Park the call”, and it did not work: No parking space is free.',
      'The call ended',
      'A recording came (audio/wav, 1.6 MB)',
    ])
    expect(texts('ringside-call-trace .amber')).to.deep.equal(['Heard of 14 sec late'])
    const [details] = all<HTMLDetailsElement>('ringside-call-trace details')
    expect(details?.open).to.equal(false)
    expect(textOf(details!.querySelector('dl')!)).to.contain('unique_id')
  })

  it('CALL-19 says which rule did what to which case and why, and leads there', async () => {
    await show(inCall)
    await openTrace()
    expect(texts('ringside-call-trace .change')).to.deep.equal([
      'Case #1051 changed Closed Why: the caller was reached, so earlier missed calls are settled (CASE-8)',
      'Case #1060 opened Open · talked with the caller · assigned to Anna Petrova Why: nobody had chosen a case when the call ended (CASE-4)',
    ])
    const asked: string[] = []
    widget.addEventListener('ringside-open-case', (event) => asked.push(event.detail.caseId))
    ;(await button('Case #1060 opened')).click()
    expect(asked).to.deep.equal(['case-9'])
  })

  it('CALL-19 every code and rule of the server has its sentence: none is shown alone', async () => {
    const items = ['answered', 'held', 'resumed', 'left', 'ring-ended', 'closed', 'ended'].map(
      (type) => traceItem(9, { type, extensions: type === 'ended' ? [] : ['102'], result: 'busy' }),
    )
    const codes = ['rings', 'unmapped', 'no-page', 'closed', 'over', 'elsewhere', 'answered']
    const rules = [2, 4, 5, 6, 7, 8, 10, 12, 16, 19].map((number) => `CASE-${number}`)
    const ringing = traceItem(
      10,
      { type: 'ringing', extensions: codes },
      {
        agents: codes.map((code) => ({
          agentId: null,
          extension: code,
          shown: code === 'rings',
          code,
          by: '102',
          reason: `raw ${code}`,
        })),
        changes: [...rules, 'USER-4'].map((rule) => ({
          rule,
          type: 'changeCase',
          caseId: 'case-1',
          number: 7,
        })),
      },
    )
    await show({ ...inCall, answers: { [PATH]: { items: [ringing, ...items] } } })
    await openTrace()
    expect(verdicts().join()).to.not.contain('raw ')
    expect(sentences().slice(1).join()).to.equal(
      'Boris Klein (102) answered,Boris Klein (102) put the call on hold,' +
        'Boris Klein (102) took the call back from hold,Boris Klein (102) left the conversation,' +
        'Boris Klein (102) stopped ringing: busy,' +
        'Nothing more was heard of the call: it counts as ended,The call ended: busy',
    )
    const whys = texts('ringside-call-trace .change .muted')
    expect(whys).to.have.length(11)
    for (const why of whys) expect(why).to.match(/^Why: .{10,} \((CASE|USER)-\d+\)$/)
  })

  it('CALL-19 what is new in the call is new in its trace; no case is an answer too', async () => {
    let items = TRACE.slice(0, 2)
    const server = await show({ ...inCall, answers: { [PATH]: () => ({ items }) } })
    await openTrace()
    expect(sentences()).to.have.length(2)
    expect(texts('ringside-call-trace').join()).to.contain('No rule made or changed a case so far.')
    items = [...items, traceItem(1, { type: 'ended' })]
    server.push('call', { ...talking, state: 'ended', outcome: 'answered', endedAt: at(0) })
    await waitUntil(() => sentences().length === 3, 'not loaded again')
    expect(texts('ringside-call-trace').join()).to.contain('No rule made or changed a case.')
  })

  it('CALL-19 a clock that is wrong is said once, and makes nothing late', async () => {
    const items = [
      traceItem(400, { type: 'started', direction: 'incoming', from: '1' }, { late: 300 }),
      traceItem(398, { type: 'ended' }, { late: 301 }),
    ]
    await show({ ...inCall, answers: { [PATH]: { items } } })
    await openTrace()
    expect(texts('ringside-call-trace .warn')).to.have.length(1)
    expect(texts('ringside-call-trace .warn')[0]).to.contain('differ by 5 min')
    expect(texts('ringside-call-trace .amber')).to.deep.equal([])
    expect(sentences()[0]).to.equal('A call from 1 to nobody yet came in')
  })

  it('CALL-19 a trace that did not come says why, and is asked for again', async () => {
    let isUp = false
    const answer = () => {
      if (!isUp) throw refusal('unavailable', 'Not now.')
      return { items: TRACE }
    }
    await show({ me: ME, calls: [talking], answers: { [PATH]: answer } })
    await one('ringside-panel ringside-user')
    ;(await button('What happened, and who saw it')).click()
    await one('ringside-call-trace [role=alert]')
    isUp = true
    ;(await button('Try again')).click()
    await waitUntil(() => sentences().length === TRACE.length, 'not loaded')
    expect(all('ringside-call-trace [role=alert]')).to.deep.equal([])
  })
})
