import assert from 'node:assert/strict'
import type { Frame } from 'playwright-core'
import { loadRecording } from '../../server/simulate/scenario.ts'
import type { PlayedCall, Stage } from './stage.ts'

/** An agent in front of a page that has the widget, and people who call. */
export interface AgentAtWork {
  /** Somebody whom Ringside knows calls; resolves when the pop-up can be seen and pressed. */
  readonly isCalled: (how?: { isPressable: boolean }) => Promise<void>
  /** Answers on the phone; resolves when the profile and the bar are there. */
  readonly answers: () => Promise<void>
  readonly createsCase: () => Promise<void>
  /** The call ends and its recording comes; resolves when it is heard, or cannot be. */
  readonly hears: (canHear?: boolean) => Promise<void>
  /** Finds a user by typing. */
  readonly searches: () => Promise<void>
  readonly closesPanel: () => Promise<void>
  /** Whatever has come of it, the call is over. */
  readonly hangsUp: () => Promise<void>
}

/** Pop-up, profile, case, call bar, recording, search: what a page must not break. */
export function agentAtWork(frame: Frame, stage: Stage, { extension = '101' } = {}): AgentAtWork {
  const number = stage.number()
  const name = `Vera ${number.slice(-4)}`
  const popup = frame.locator('ringside-popup')
  const panel = frame.locator('ringside-panel')
  const bar = frame.locator('ringside-call-bar')
  let call: PlayedCall | null = null

  return {
    async isCalled({ isPressable } = { isPressable: true }) {
      await frame
        .getByRole('button', { name: /^Open calls/ })
        .first()
        .waitFor()
      await stage.world.user({ name, company: 'Acme', phones: [number] })
      call = await stage.incoming(number, { extension })
      await popup.getByText(name).waitFor()
      if (isPressable) await assertSeen(frame, 'ringside-popup')
    },
    async answers() {
      await call?.answer(extension)
      await popup.waitFor({ state: 'detached' })
      await bar.getByText(name).waitFor()
      await assertSeen(frame, 'ringside-call-bar')
      await panel.getByText('Acme').first().waitFor()
    },
    async createsCase() {
      await panel
        .getByRole('button', { name: /create a case/i })
        .first()
        .click()
      await panel.getByLabel('Subject').pressSequentially('Cannot sign in, c/n?')
      const essence = panel.getByLabel('What is the call about?')
      await essence.pressSequentially('Since Monday.')
      assert.equal(await panel.getByLabel('Subject').inputValue(), 'Cannot sign in, c/n?')
      await essence.press('Control+Enter')
      await panel.getByRole('heading', { name: /^Case #/ }).waitFor()
      const found = await call!.case()
      assert.equal(found.subject, 'Cannot sign in, c/n?')
      assert.equal(found.messages[0]?.text, 'Since Monday.')
    },
    async hears(canHear = true) {
      await call?.end()
      await bar.waitFor({ state: 'detached' })
      await stage.world.record(call!.uniqueId, await loadRecording())
      await hear(frame, canHear)
    },
    async searches() {
      await panel.getByRole('button', { name: 'Find a user' }).click()
      const search = panel.locator('ringside-user-search')
      await search.getByRole('combobox').pressSequentially(name)
      await search.getByRole('option').filter({ hasText: name }).waitFor()
      await search.getByRole('combobox').press('Enter')
      await panel.locator('ringside-user').getByText('Acme').first().waitFor()
    },
    async closesPanel() {
      await panel.getByRole('button', { name: 'Close this panel' }).click()
      await panel.waitFor({ state: 'detached' })
    },
    async hangsUp() {
      await call?.end()
    },
  }
}

/** The element is within what the agent sees, nothing of the page lies over its middle, and it looks like ours. */
export async function assertSeen(frame: Frame, name: string): Promise<void> {
  const seen = await frame.locator(name).evaluate((element) => {
    const { left, top, right, bottom, width, height } = element.getBoundingClientRect()
    const isInside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight
    const hit = document.elementFromPoint((left + right) / 2, top + height / 2)
    // What is inherited: a page says it of all elements, and the widget is one of them.
    const style = getComputedStyle(element)
    const { letterSpacing, textTransform, textIndent, wordSpacing, visibility, fontStyle } = style
    const look = [letterSpacing, textTransform, textIndent, wordSpacing, visibility, fontStyle]
    return {
      look: look.join(' '),
      isInside,
      size: [Math.round(width), Math.round(height)],
      hit: hit?.localName,
    }
  })
  assert.equal(seen.isInside, true, `${name} is in sight: ${JSON.stringify(seen)}`)
  assert.ok(Number(seen.size[1]) > 20, `${name} has a size: ${JSON.stringify(seen)}`)
  assert.equal(seen.look, 'normal none 0px 0px visible normal', name)
  assert.equal(seen.hit, 'ringside-widget', `${name} is on top: ${JSON.stringify(seen)}`)
}

async function hear(frame: Frame, canHear: boolean): Promise<void> {
  const player = frame.locator('ringside-recording')
  await player.getByRole('button', { name: 'Play' }).click()
  if (canHear) await player.getByText(/^0:0[1-9] \/ 0:0[2-9]$/).waitFor()
  else await player.getByRole('alert').waitFor()
  assert.equal(await player.getByRole('alert').count(), canHear ? 0 : 1)
}
