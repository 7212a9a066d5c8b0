/** The pictures of the reports in a real Chromium. */
import { expect } from '@open-wc/testing'
import type { LitElement } from 'lit'
import { setLocale } from '../../widget/i18n/t.ts'
import { type BarValue, RingsideBars } from '../../widget/reports/charts/bars.ts'
import type { ChartChosenEvent, ChartLabel } from '../../widget/reports/charts/chart.ts'
import { RingsideDistribution } from '../../widget/reports/charts/distribution.ts'
import { RingsideHeatMap } from '../../widget/reports/charts/heat-map.ts'
import { stepOf, stepsOf } from '../../widget/reports/charts/heat-steps.ts'
import { pointsOf } from '../../widget/reports/charts/thin.ts'
import { ticksOf } from '../../widget/reports/charts/ticks.ts'
import { RingsideTrend } from '../../widget/reports/charts/trend.ts'
import { key } from './page.ts'
import { days, numbers, weekOf } from './scenes/charts.ts'
import { waitUntil } from './wait-until.ts'

/** What was chosen, the newest last. */
let chosen: ChartChosenEvent['detail'][] = []
let place: HTMLElement

beforeEach(async () => {
  await setLocale('en-GB')
  chosen = []
  place = document.createElement('div')
  place.style.width = '880px'
  place.addEventListener('ringside-chart-chosen', (event) => {
    chosen.push((event as ChartChosenEvent).detail)
  })
  document.body.append(place)
})
afterEach(() => {
  place.remove()
  document.documentElement.removeAttribute('dir')
})

async function show<T extends LitElement>(element: T, change: Partial<T>): Promise<T> {
  Object.assign(element, change)
  place.append(element)
  await element.updateComplete
  await waitUntil(() => points(element).length > 0 || element.renderRoot.querySelector('.empty'))
  return element
}

const points = (element: LitElement) => [
  ...element.renderRoot.querySelectorAll<HTMLElement>('[data-at]'),
]
const plainText = (text: string | null | undefined) =>
  (text ?? '')
    .replaceAll(/[\u2066-\u2069]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
const text = (element: LitElement, selector: string) =>
  plainText(element.renderRoot.querySelector(selector)?.textContent)
const nameOf = (element: Element | null | undefined) =>
  plainText(element?.getAttribute('aria-label'))
const groupName = (element: LitElement) => nameOf(element.renderRoot.querySelector('[role=group]'))
const focused = (element: LitElement) => element.shadowRoot?.activeElement ?? null
const stops = (element: LitElement) => points(element).filter(({ tabIndex }) => tabIndex === 0)
const middle = (element: Element) => {
  const { left, right, top, bottom } = element.getBoundingClientRect()
  return { x: (left + right) / 2, y: (top + bottom) / 2 }
}

/** Presses a key where the focus is, and waits for what it does. */
async function press(element: LitElement, name: string): Promise<Element | null> {
  const target = focused(element)
  if (target !== null) key(target, name)
  await element.updateComplete
  return focused(element)
}

const labels = (count: number): ChartLabel[] =>
  [...Array(count).keys()].map((at) => ({ label: `d${at}`, title: `day ${at}` }))
const trendOf = (values: readonly (number | null)[], more: Partial<RingsideTrend> = {}) =>
  show(new RingsideTrend(), {
    label: 'New cases by day',
    places: labels(values.length),
    series: [{ label: 'New', values }],
    ...more,
  })
const linePath = (element: LitElement, at = 0) =>
  element.renderRoot.querySelectorAll('.plot .line')[at]?.getAttribute('d') ?? ''

describe('the heat map', () => {
  const map = (values: readonly (number | null)[], more: Partial<RingsideHeatMap> = {}) =>
    show(new RingsideHeatMap(), { label: 'New cases', values, ...more })

  it('REP-2 has a cell for each hour of the week, and its finding in words', async () => {
    const values = weekOf(40)
    const element = await map(values, { total: values.reduce((sum, one) => sum + one, 0) })
    expect(points(element).length).to.equal(168)
    const most = Math.max(...values)
    const [day, hour] = [Math.floor(values.indexOf(most) / 24), values.indexOf(most) % 24]
    const name = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'][day]
    expect(groupName(element)).to.match(
      new RegExp(
        `^New cases\\. Highest: ${name}, ${String(hour).padStart(2, '0')}–.*, ${most}\\. Lowest: 0, \\d+ times\\. Total: `,
      ),
    )
    expect(text(element, '.said span')).to.equal(groupName(element).replace('New cases. ', ''))
  })

  it('REP-2 each cell says its weekday, hour and value, in the place of its number', async () => {
    const values = [...Array(168).keys()]
    const element = await map(values)
    for (const point of points(element)) {
      const at = Number(point.dataset.at)
      const weekday = new Date(Date.UTC(1970, 0, 5 + Math.floor(at / 24)))
      const day = weekday.toLocaleDateString('en-GB', { weekday: 'long', timeZone: 'UTC' })
      const hour = String(at % 24).padStart(2, '0')
      expect(nameOf(point)).to.match(new RegExp(`^${day}, ${hour}.*: ${at}$`))
    }
  })

  it('REP-2 the week begins with the day of the language', async () => {
    for (const [locale, first] of [
      ['en-US', 'Sunday'],
      ['de', 'Montag'],
      ['ar', 'السبت'],
    ]) {
      await setLocale(locale!)
      const element = await map(weekOf(9))
      expect(nameOf(points(element)[0])).to.contain(first)
      element.remove()
    }
  })

  it('REP-2 more is never a weaker colour, and the legend has the numbers of each', async () => {
    const element = await map(weekOf(40))
    const byValue = points(element)
      .map(
        (point) => [Number(text(element, `[data-at="${point.dataset.at}"]`) || 0), point] as const,
      )
      .sort(([one], [other]) => one - other)
    const steps = byValue.map(([, point]) => Number(/\bs(\d)/.exec(point.className)?.[1]))
    expect(steps).to.deep.equal([...steps].sort((one, other) => one - other))
    expect(new Set(steps).size).to.equal(6)
    const legend = [...element.renderRoot.querySelectorAll('.legend li')]
    expect(legend.map((item) => plainText(item.textContent))).to.deep.equal([
      '0',
      '1–8',
      '9–16',
      '17–24',
      '25–32',
      '33–40',
    ])
  })

  it('REP-2 text of a cell has 4.5 times the contrast to its colour, in light and dark', async () => {
    for (const scheme of ['light', 'dark']) {
      const element = new RingsideHeatMap()
      element.style.colorScheme = scheme
      await show(element, { values: weekOf(40) })
      for (const cell of points(element)) {
        const style = getComputedStyle(cell)
        const [one, other] = [style.color, style.backgroundColor].map(luminance)
        const ratio = (Math.max(one!, other!) + 0.05) / (Math.min(one!, other!) + 0.05)
        expect(ratio, `${scheme} ${cell.className}`).to.be.greaterThan(4.5)
      }
      element.remove()
    }
  })

  it('A11Y-2 is one stop of the Tab key, arrows go by hour and day, Enter chooses', async () => {
    const element = await map(weekOf(40))
    expect(stops(element).length).to.equal(1)
    element.focus()
    expect(nameOf(focused(element))).to.contain('Monday, 00')
    expect(nameOf(await press(element, 'ArrowRight'))).to.contain('Monday, 01')
    expect(nameOf(await press(element, 'ArrowDown'))).to.contain('Tuesday, 01')
    expect(nameOf(await press(element, 'End'))).to.contain('Tuesday, 23')
    expect(nameOf(await press(element, 'ArrowRight'))).to.contain('Tuesday, 23')
    expect(nameOf(await press(element, 'Home'))).to.contain('Tuesday, 00')
    expect(text(element, '.pointed')).to.contain('Tuesday, 00')
    expect(stops(element)).to.deep.equal([focused(element)])
    ;(focused(element) as HTMLElement).click()
    expect(chosen).to.deep.equal([{ series: 0, from: 24, to: 24 }])
  })

  it('A11Y-2 stands upright in a narrow place, and arrows go as it stands', async () => {
    place.style.width = '288px'
    const element = await map(weekOf(40))
    const cells = points(element)
    const [first, second] = [middle(cells[0]!), middle(cells[1]!)]
    expect(second.x).to.equal(first.x)
    expect(second.y).to.be.greaterThan(first.y)
    for (const cell of cells) {
      const { width, height } = cell.getBoundingClientRect()
      expect(Math.min(width, height)).to.be.at.least(24)
    }
    expect(place.scrollWidth).to.be.at.most(288)
    element.focus()
    expect(nameOf(await press(element, 'ArrowDown'))).to.contain('Monday, 01')
    expect(nameOf(await press(element, 'ArrowRight'))).to.contain('Tuesday, 01')
  })

  it('REP-2 a number that has no room is not cut to another number', async () => {
    await setLocale('de')
    for (const width of [288, 880]) {
      place.style.width = `${width}px`
      const element = await map(Array(168).fill(12_345))
      for (const cell of points(element)) {
        const inner = cell.firstElementChild!
        const isShown = getComputedStyle(inner).display !== 'none'
        const isWhole = inner.getBoundingClientRect().width <= cell.getBoundingClientRect().width
        expect(isShown && !isWhole).to.equal(false)
        expect(nameOf(cell)).to.contain('12345')
      }
      element.remove()
    }
  })
})

describe('the trend', () => {
  it('REP-1 has a point for each day, in the place of its value', async () => {
    const element = await trendOf([0, 20, 10, 40])
    const spots = points(element).map((point) => middle(point.querySelector('.reach')!))
    const [first, second, third, fourth] = spots
    const step = second!.x - first!.x
    expect(third!.x - second!.x).to.be.closeTo(step, 0.2)
    // The axis begins with 0: twice as much is twice as high.
    expect((first!.y - second!.y) * 2).to.be.closeTo(first!.y - fourth!.y, 0.3)
    expect(third!.y).to.be.closeTo((first!.y + second!.y) / 2, 0.3)
    expect(points(element).map(nameOf)).to.deep.equal([
      'day 0: New: 0',
      'day 1: New: 20',
      'day 2: New: 10',
      'day 3: New: 40',
    ])
  })

  it('REP-1 days without a value interrupt the line, and one that stands alone is seen', async () => {
    const values = numbers(90, 9).map((value, at) => (at === 3 || at === 5 ? null : value + 1))
    const element = await trendOf(values)
    expect(linePath(element).match(/M/g)?.length).to.equal(3)
    expect(points(element).length).to.equal(88)
    const alone = element.renderRoot.querySelector('[data-at="4"] .mark')!
    const other = element.renderRoot.querySelector('[data-at="8"] .mark')!
    expect([alone, other].map((mark) => getComputedStyle(mark).visibility)).to.deep.equal([
      'visible',
      'hidden',
    ])
  })

  it('REP-1 the period before is a dashed line of its own, and is said with each day', async () => {
    const element = await trendOf([1, 2], {
      series: [{ label: 'New', values: [1, 2], previous: [3, 4, 5] }],
    })
    const before = element.renderRoot.querySelector('.plot .before')!
    expect(getComputedStyle(before).strokeDasharray).to.not.equal('none')
    expect(before.getAttribute('d')!.match(/[ML]/g)).to.deep.equal(['M', 'L', 'L'])
    expect(nameOf(points(element)[1])).to.equal('day 1: New: 2 (before: 4)')
    expect(text(element, '.legend')).to.equal('New Period before')
  })

  it('REP-1 a year of numbers is shown by average days of weeks; times stay days', async () => {
    const values = [...numbers(364, 80), 7, 9]
    const element = await trendOf(values)
    expect(points(element).length).to.equal(53)
    expect(nameOf(points(element)[52])).to.equal('day 364 to day 365: New: 8')
    const first = values.slice(0, 7).reduce((sum, value) => sum + value, 0) / 7
    expect(nameOf(points(element)[0])).to.equal(
      `day 0 to day 6: New: ${Math.round(first * 10) / 10}`,
    )
    expect(text(element, '.said span')).to.contain('Each point is the average day of 7 days.')
    points(element)[52]!.dispatchEvent(new MouseEvent('focusin', { bubbles: true }))
    key(points(element)[52]!, 'Enter')
    expect(chosen).to.deep.equal([{ series: 0, from: 364, to: 365 }])
    element.remove()
    const times = await trendOf(values, { unit: 'seconds' })
    expect(points(times).length).to.equal(366)
  })

  it('A11Y-2 is one stop of the Tab key: arrows go by day and by line, over days without a value', async () => {
    const element = await trendOf([1, null, 3], {
      series: [
        { label: 'New', values: [1, null, 3] },
        { label: 'Closed', values: [4, 5, 6] },
      ],
    })
    expect(stops(element).length).to.equal(1)
    element.focus()
    expect(nameOf(focused(element))).to.equal('day 2: New: 3')
    expect(nameOf(await press(element, 'ArrowLeft'))).to.equal('day 0: New: 1')
    expect(nameOf(await press(element, 'ArrowDown'))).to.equal('day 0: Closed: 4')
    expect(nameOf(await press(element, 'ArrowRight'))).to.equal('day 1: Closed: 5')
    expect(nameOf(await press(element, 'ArrowUp'))).to.equal('day 1: Closed: 5')
    expect(text(element, '.said .pointed')).to.equal('day 1: New: no value; Closed: 5')
    await press(element, ' ')
    expect(chosen).to.deep.equal([{ series: 1, from: 1, to: 1 }])
    // What is around it draws it again when the list opens.
    element.series = [...element.series]
    await element.updateComplete
    expect(nameOf(focused(element))).to.equal('day 1: Closed: 5')
    expect(stops(element)).to.deep.equal([focused(element)])
  })

  it('REP-1 the pointer finds the nearest day and line, and a click chooses it', async () => {
    const element = await trendOf([10, 10, 10], {
      series: [
        { label: 'New', values: [10, 10, 10] },
        { label: 'Closed', values: [2, 2, 2] },
      ],
    })
    const spot = middle(element.renderRoot.querySelector('[data-at="1"][data-series="1"] .reach')!)
    const plot = element.renderRoot.querySelector('.plot')!
    const at = { clientX: spot.x + 9, clientY: spot.y - 4, bubbles: true }
    plot.dispatchEvent(new PointerEvent('pointermove', at))
    await element.updateComplete
    expect(text(element, '.said .pointed')).to.equal('day 1: New: 10; Closed: 2')
    plot.dispatchEvent(new MouseEvent('click', at))
    expect(chosen).to.deep.equal([{ series: 1, from: 1, to: 1 }])
  })

  it('REP-1 time runs from right to left where the page does, and so do the arrow keys', async () => {
    document.documentElement.dir = 'rtl'
    const element = await trendOf([1, 2, 3])
    const xs = points(element).map((point) => middle(point.querySelector('.reach')!).x)
    expect(xs).to.deep.equal([...xs].sort((one, other) => other - one))
    element.focus()
    expect(nameOf(await press(element, 'ArrowRight'))).to.equal('day 1: New: 2')
    expect(nameOf(await press(element, 'ArrowLeft'))).to.equal('day 2: New: 3')
  })

  it('REP-1 one day, only zeros and nothing at all are pictures too', async () => {
    const one = await trendOf([12])
    expect(points(one).length).to.equal(1)
    expect(groupName(one)).to.equal('New cases by day. day 0: 12.')
    const zeros = await trendOf([0, 0, 0])
    expect(linePath(zeros)).to.not.contain('NaN')
    expect(groupName(zeros)).to.contain('The same everywhere: 0.')
    const none = await trendOf([null, null])
    expect(text(none, '.empty')).to.equal('There is nothing to show.')
  })

  it('REP-1 names of days have room, whatever the width', async () => {
    for (const width of [880, 288]) {
      place.style.width = `${width}px`
      const element = await trendOf(numbers(62, 50), { places: days(62) })
      await waitUntil(() => element.renderRoot.querySelector('.plot')?.clientWidth === width)
      const texts = [...element.renderRoot.querySelectorAll('text[text-anchor=middle]')]
      const boxes = texts.map((one) => one.getBoundingClientRect())
      expect(boxes.length).to.be.greaterThan(2)
      const right = place.getBoundingClientRect().right
      for (const [at, box] of boxes.entries()) {
        expect(box.right).to.be.at.most(right + 1)
        const next = boxes[at + 1]
        if (next !== undefined) expect(next.left).to.be.greaterThan(box.right)
      }
      element.remove()
    }
  })

  it('A11Y-1 lines are told apart without colours, also where points are close', async () => {
    place.style.width = '288px'
    const values = numbers(60, 50)
    const element = await trendOf(values, {
      series: ['A', 'B', 'C', 'D'].map((label) => ({ label, values })),
    })
    const shown = [...element.renderRoot.querySelectorAll('.plot .mark:not(.quiet)')]
    const shapes = new Set(shown.map((mark) => mark.getAttribute('d')))
    const spots = new Set(shown.map((mark) => mark.closest('[data-at]')?.getAttribute('data-at')))
    expect(shapes.size).to.equal(4)
    expect(spots.size).to.equal(shown.length)
  })
})

describe('bars', () => {
  const bars = (values: readonly BarValue[], more: Partial<RingsideBars> = {}) =>
    show(new RingsideBars(), { label: 'Closed by agent', values, ...more })
  const widths = (element: LitElement) =>
    [...element.renderRoot.querySelectorAll('.fill')].map((bar) => bar.getAttribute('width'))

  it('REP-6 the largest first, those without a value after them, nobody last', async () => {
    const element = await bars([
      { label: 'Nobody', value: 9, isLast: true },
      { label: 'Anna', value: 2 },
      { label: 'Boris', value: null },
      { label: 'Chidi', value: 4 },
      { label: 'Dora', value: 0 },
    ])
    expect(points(element).map((row) => plainText(row.textContent))).to.deep.equal([
      'Chidi 4',
      'Anna 2',
      'Dora 0',
      'Boris –no value',
      'Nobody 9',
    ])
    expect(widths(element)).to.deep.equal(['44.44%', '22.22%', '0.00%', '100.00%'])
    element.focus()
    await press(element, 'ArrowDown')
    ;(focused(element) as HTMLElement).click()
    // The place in what was given, not in the picture.
    expect(chosen).to.deep.equal([{ series: 0, from: 1, to: 1 }])
  })

  it('REP-6 of 300 agents the first twenty are shown, and how many more there are', async () => {
    const agents = numbers(299, 5000).map((value, at) => ({ label: `Agent ${at}`, value }))
    const element = await bars([{ label: 'Nobody', value: 3, isLast: true }, ...agents])
    expect(points(element).length).to.equal(20)
    expect(points(element).at(-1)!.textContent).to.contain('Nobody')
    expect(text(element, '.small.muted')).to.equal('And 280 more in the table.')
    expect(groupName(element)).to.contain('Lowest: Nobody, 3.')
  })

  it('REP-6 zeros have no bar, and the least that is something has one', async () => {
    const zeros = await bars([{ label: 'Anna', value: 0 }])
    expect(widths(zeros)).to.deep.equal(['0.00%'])
    const little = await bars([
      { label: 'Anna', value: 1_000_000 },
      { label: 'Boris', value: 1 },
    ])
    expect(widths(little)).to.deep.equal(['100.00%', '0.50%'])
  })

  it('SAFE-1 names stay text, in their place, and turn no writing', async () => {
    place.style.width = '288px'
    const hostile = '<img src=x onerror="globalThis.ran=1">\u202Egnp.exe \u2066'
    const long = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(6)
    const element = await bars([
      { label: hostile, value: 2 },
      { label: long, value: 1 },
    ])
    expect(element.renderRoot.querySelector('img')).to.equal(null)
    expect(element.renderRoot.textContent).to.not.contain('\u202E')
    expect(element.renderRoot.querySelector('[role=group]')!.ariaLabel).to.not.contain('\u202E')
    expect(place.scrollWidth).to.be.at.most(288)
  })
})

describe('the distribution', () => {
  it('REP-3 shares are of the whole that is given', async () => {
    const element = await show(new RingsideDistribution(), {
      label: 'By channel',
      values: [
        { label: 'Incoming', value: 30 },
        { label: 'Outgoing', value: 10 },
        { label: 'Unknown', value: 0 },
      ],
      total: 80,
    })
    expect(points(element).map((row) => plainText(row.textContent))).to.deep.equal([
      'Incoming 3037.5%',
      'Outgoing 1012.5%',
      'Unknown 00.0%',
    ])
    const widths = [...element.renderRoot.querySelectorAll('.fill')].map((bar) =>
      bar.getAttribute('width'),
    )
    expect(widths).to.deep.equal(['37.50%', '12.50%', '0.00%'])
  })

  it('REP-3 what does not add up to a whole has no shares', async () => {
    const values = [
      { label: 'Incoming', value: 30 },
      { label: 'Outgoing', value: 15 },
    ]
    const element = await show(new RingsideDistribution(), { label: 'Talk time', values })
    expect(points(element).map((row) => plainText(row.textContent))).to.deep.equal([
      'Incoming 30',
      'Outgoing 15',
    ])
    const bars = [...element.renderRoot.querySelectorAll('.fill')]
    expect(bars.map((bar) => bar.getAttribute('width'))).to.deep.equal(['100.00%', '50.00%'])
  })

  it('REP-2 columns are as high as their values, and can be chosen by key and pointer', async () => {
    const element = await show(new RingsideDistribution(), {
      label: 'By hour',
      kind: 'columns',
      values: [4, 8, null, 1].map((value, hour) => ({ label: `${hour}`, value })),
    })
    const heights = [...element.renderRoot.querySelectorAll('.column')].map((column) =>
      Number(column.getAttribute('height')),
    )
    expect(heights.length).to.equal(3)
    expect(heights[1]! / heights[0]!).to.be.closeTo(2, 0.01)
    expect(heights[0]! / heights[2]!).to.be.closeTo(4, 0.02)
    expect(stops(element).length).to.equal(1)
    element.focus()
    await press(element, 'ArrowRight')
    expect(nameOf(await press(element, 'ArrowRight'))).to.equal('3: 1')
    await press(element, 'Enter')
    points(element)[0]!.dispatchEvent(new MouseEvent('click', { bubbles: true }))
    expect(chosen.map(({ from }) => from)).to.deep.equal([3, 0])
  })
})

describe('numbers of pictures', () => {
  it('REP-8 axes have round numbers that reach the largest value', () => {
    expect(ticksOf(59, 'count')).to.deep.equal([0, 20, 40, 60])
    expect(ticksOf(3, 'count')).to.deep.equal([0, 1, 2, 3])
    expect(ticksOf(0, 'count')).to.deep.equal([0, 1])
    expect(ticksOf(0.93, 'ratio')).to.deep.equal([0, 0.2, 0.4, 0.6, 0.8, 1])
    expect(ticksOf(200, 'seconds')).to.deep.equal([0, 60, 120, 180, 240])
    expect(ticksOf(400_000, 'seconds')).to.deep.equal([
      0, 86_400, 172_800, 259_200, 345_600, 432_000,
    ])
    for (const unit of ['count', 'seconds', 'ratio'] as const) {
      for (const max of numbers(500, 3_000_000)) {
        const value = unit === 'ratio' ? max / 3_000_000 : max
        const ticks = ticksOf(value, unit)
        expect(ticks.at(-1)).to.be.at.least(value)
        expect(ticks.length).to.be.within(2, 8)
      }
    }
  })

  it('REP-8 colour steps reach the largest value, and every value has one', () => {
    for (const max of [1, 2, 5, 6, 7, 51, 99, 100, 101, 12_345]) {
      const steps = stepsOf(max)
      expect(steps.at(-1)).to.be.at.least(max)
      expect(steps.length).to.be.at.most(5)
      expect(stepOf(0, steps)).to.equal(0)
      const found = [...Array(max).keys()].map((at) => stepOf(at + 1, steps))
      expect(found).to.deep.equal([...found].sort((one, other) => one - other))
      expect(found[0]).to.be.at.least(1)
    }
  })

  it('REP-8 a week that the period cuts is as high as the others', () => {
    const values = Array(100).fill(10)
    const { series, places } = pointsOf(labels(100), [{ label: 'New', values }], true)
    expect(series[0]!.values).to.deep.equal(Array(15).fill(10))
    expect([places.at(-1)!.from, places.at(-1)!.to]).to.deep.equal([98, 99])
  })
})

/** As WCAG has it, of `rgb(…)` and of `color(srgb …)`, which mixed colours are. */
function luminance(colour: string): number {
  const parts = colour
    .match(/[\d.]+/g)!
    .slice(0, 3)
    .map(Number)
  const [red, green, blue] = parts.map((part) => {
    const value = colour.startsWith('rgb') ? part / 255 : part
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}
