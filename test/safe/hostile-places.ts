import type { Page } from 'playwright-core'

/** Elements that stand in a page of a helpdesk by themselves, by their addresses there. */
export function elementsFor(caseId: string): Readonly<Record<string, string>> {
  return {
    'case list': '/?as=anna&element=case-list',
    case: `/?as=anna&element=case&case-id=${caseId}`,
    settings: '/?as=boss&element=settings',
    reports: '/?as=susan&element=reports',
    wallboard: '/?as=susan&element=wallboard',
  }
}

/** Ringside's own pages, by their addresses. */
export function ownPagesFor(of: {
  readonly caseId: string
  readonly webhook: string
  readonly ami: string
}): Readonly<Record<string, string>> {
  const steps = (name: string, id: string): [string, string][] =>
    ['pbx', 'link', 'extensions', 'dialplan', 'check', 'log'].map((step) => [
      `/admin: ${name}, ${step}`,
      `/admin#connections/${id}/${step}`,
    ])
  return {
    '/agent': '/agent',
    '/agent: case': `/agent#${of.caseId}`,
    '/admin': '/admin',
    ...Object.fromEntries([...steps('webhook', of.webhook), ...steps('AMI', of.ami)]),
    '/reports: calls by queue': '/reports#calls?by=queue',
    '/reports: leaderboard': '/reports#leaderboard',
    '/reports: workload by agent': '/reports#workload?by=agent',
    '/wallboard': '/wallboard',
  }
}

interface SubPage {
  readonly name: string
  open(): Promise<void>
}

/** What there is to be opened in an element: each page of the settings and the reports, a case's history. */
export async function pagesOf(page: Page): Promise<SubPage[]> {
  const lists = page.locator(
    'ringside-settings nav :is(a, button), ringside-reports nav :is(a, button), ringside-reports [role=tab], ringside-case summary, ringside-case button[aria-expanded=false]',
  )
  const opens = page.locator('ringside-case, ringside-settings, ringside-reports')
  if ((await opens.count()) > 0) await lists.first().waitFor()
  const names = await lists.evaluateAll((all) => all.map((each) => each.textContent?.trim() ?? ''))
  const pages = names.map((name, index) => ({
    name: `: ${name.replaceAll(/\s+/g, ' ').slice(0, 30)}`,
    open: async (): Promise<void> => {
      await lists
        .nth(index)
        .click({ timeout: 5000 })
        .catch(() => undefined)
      const log = page.locator('ringside-settings-connections :is(button, a)').first()
      if (index === 0 && (await log.count()) > 0) await log.click({ timeout: 5000 })
    },
  }))
  return [{ name: '', open: async () => undefined }, ...pages]
}

/** As many frames as it takes until what was asked for is drawn: no text in it has changed for some. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const textOf = (root: Document | ShadowRoot): string =>
      [...root.querySelectorAll('*')]
        .map(({ shadowRoot }) => (shadowRoot === null ? '' : textOf(shadowRoot)))
        .concat(/Loading…/.exec(root.textContent ?? '') ?? [])
        .join(String(root.textContent?.length))
    let before = ''
    let same = 0
    for (let frame = 0; frame < 300 && same < 20; frame += 1) {
      await new Promise((resolve) => requestAnimationFrame(resolve))
      const now = textOf(document)
      same = now === before && !now.includes('Loading…') ? same + 1 : 0
      before = now
    }
  })
}
