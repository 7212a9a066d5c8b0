/** The reports: each of them, with what is behind a figure, empty, away, for agents. */
import { ApiError } from '../../../widget/client/api.ts'
import '../../../widget/reports/ringside-reports.ts'
// They are there at once: the pictures are not taken before them.
import '../../../widget/reports/pictures.ts'
import { type FakeServer, ME } from '../fake-server.ts'
import { reportsWorld } from '../reports-world.ts'
import { click, find, type Scene, type Scenes, settle } from '../scene.ts'

const report = (name: string, more: Partial<Scene> = {}): Scene => ({
  ...reportsWorld(),
  element: ({ client }: FakeServer) =>
    Object.assign(document.createElement('ringside-reports'), { client, report: name }),
  actInElement: settle,
  ...more,
})

export const reportsScenes: Scenes = {
  reportsWorkload: report('workload'),
  reportsPeakLoad: report('peak-load'),
  reportsChannels: report('channels'),
  reportsTime: report('time-metrics'),
  reportsSla: report('sla'),
  reportsLeaderboard: report('leaderboard'),
  reportsCalls: report('calls'),
  reportsBehind: report('workload', {
    actInElement: async (element) => {
      await settle()
      await click(element, '.cards button')
      await settle()
    },
  }),
  reportsFilters: report('workload', {
    actInElement: async (element) => {
      const period = await find<HTMLSelectElement>(element, '#period')
      period.value = 'range'
      period.dispatchEvent(new Event('change'))
      await click(element, 'ringside-report-several button')
      await click(element, 'ringside-report-several .item')
      await settle()
    },
  }),
  reportsEmpty: report('workload', reportsWorld({}, true)),
  reportsAway: report(
    'workload',
    reportsWorld({ 'GET /api/reports/workload': new ApiError(503, {}) }),
  ),
  reportsForSupervisors: report('workload', { me: ME }),
}
