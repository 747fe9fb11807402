import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { createManualClock } from '../../../manual-clock.ts'
import { startServer } from '../test-server.ts'

const about = {
  startedMs: Date.UTC(2023, 10, 14),
  directory: '/var/lib/pgherd/collector',
  options: { 'http.listen': '127.0.0.1:8432', 'store.retention': '30d' },
  retention: '30d',
  alertmanagers: ['http://127.0.0.1:9093'],
  lastReload: () => ({ succeeded: false, succeededMs: Date.UTC(2023, 10, 14, 12) }),
  store: () => ({ corruptions: 2, minTimeMs: 1, maxTimeMs: 2 }),
}

async function dataOf(url: string): Promise<unknown> {
  const server = await startServer({ about, clock: createManualClock(Date.UTC(2023, 10, 15)) })
  const answer = (await server.inject({ url })).json<{ status: string; data: unknown }>()
  expect(answer.status).toBe('success')
  return answer.data
}

test('runtimeinfo tells the start, the last reload, the retention and what was found damaged', async () => {
  expect(await dataOf('/api/v1/status/runtimeinfo')).toEqual({
    startTime: '2023-11-14T00:00:00.000Z',
    CWD: '/var/lib/pgherd/collector',
    serverTime: '2023-11-15T00:00:00.000Z',
    reloadConfigSuccess: false,
    lastConfigTime: '2023-11-14T12:00:00.000Z',
    corruptionCount: 2,
    storageRetention: '30d',
  })
})

test('flags and config are the options in effect', async () => {
  expect(await dataOf('/api/v1/status/flags')).toEqual(about.options)
  const { yaml } = (await dataOf('/api/v1/status/config')) as { yaml: string }
  expect(parse(yaml)).toEqual({ http: { listen: '127.0.0.1:8432' }, store: { retention: '30d' } })
  const server = await startServer({ about })
  expect((await server.inject({ url: '/flags' })).body).toBe(
    '-http.listen="127.0.0.1:8432"\n-store.retention="30d"\n',
  )
})

test.each([
  ['/api/v1/status/walreplay', { min: 0, max: 0, current: 0, state: 'done' }],
  ['/api/v1/targets', { activeTargets: [], droppedTargets: [], droppedTargetCounts: {} }],
  ['/api/v1/targets/metadata', []],
  ['/api/v1/scrape_pools', { scrapePools: [] }],
  ['/api/v1/notifications', []],
  ['/api/v1/query_exemplars?query=up&start=0&end=1', []],
  [
    '/api/v1/alertmanagers',
    { activeAlertmanagers: [{ url: 'http://127.0.0.1:9093' }], droppedAlertmanagers: [] },
  ],
  [
    '/vmalert/api/v1/notifiers',
    { notifiers: [{ kind: 'static', targets: [{ address: 'http://127.0.0.1:9093', labels: {} }] }] },
  ],
])('%s has the shape that clients expect', async (url, data) => {
  expect(await dataOf(url)).toEqual(data)
})
