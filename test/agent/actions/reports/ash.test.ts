import { expect, test } from 'vitest'
import { ash } from '../../../../agent/actions/reports/ash.ts'
import type { ReportContext } from '../../../../agent/actions/reports/report.ts'
import type { RecentSample, RecentSession } from '../../../../common/insight/recent-sample.ts'
import { createManualClock } from '../../../manual-clock.ts'

const nowMs = Date.parse('2026-11-27T10:00:00Z')

const session = (over: Partial<RecentSession> = {}): RecentSession => ({
  ...{ pid: 42, database: 'shop', role: 'web', application: 'till', waitType: 'CPU', waitEvent: 'CPU' },
  ...{ query: '-7', ageSeconds: 3, relation: '' },
  ...over,
})

const at = (secondsAgo: number, ...sessions: readonly RecentSession[]): RecentSample => ({
  atMs: nowMs - secondsAgo * 1000,
  seconds: 1,
  total: sessions.length,
  sessions,
})

async function shown(samples: readonly RecentSample[] | undefined, limit = 50) {
  const asked: number[] = []
  const context: Pick<ReportContext, 'limit' | 'clock' | 'recentSessions'> = {
    limit,
    clock: createManualClock(nowMs),
    recentSessions:
      samples &&
      ((sinceMs) => {
        asked.push(sinceMs)
        return Promise.resolve(samples)
      }),
  }
  const [output] = await ash.read(context as ReportContext)
  return { output, asked }
}

test('looks in a row that saw the same are one row, the newest first', async () => {
  const waiting = session({ waitType: 'Lock', waitEvent: 'transactionid', relation: 'orders' })
  const { output, asked } = await shown([
    at(20, session()),
    at(19, session()),
    at(18, waiting, session({ pid: 43, query: '' })),
    at(17, waiting),
    at(5, waiting),
  ])
  expect(asked).toEqual([nowMs - 3_600_000])
  expect(output).toMatchObject({
    type: 'table',
    truncated: false,
    rows: [
      ['2026-11-27 09:59:55', '1 s', '42', 'shop', 'web', 'till', 'Lock:transactionid', '-7', 'orders'],
      ['2026-11-27 09:59:42', '1 s', '43', 'shop', 'web', 'till', 'CPU', '', ''],
      ['2026-11-27 09:59:42', '2 s', '42', 'shop', 'web', 'till', 'Lock:transactionid', '-7', 'orders'],
      ['2026-11-27 09:59:40', '2 s', '42', 'shop', 'web', 'till', 'CPU', '-7', ''],
    ],
  })
})

test('of many rows the newest are shown', async () => {
  const samples = Array.from({ length: 30 }, (_, i) => at(30 - i, session({ pid: i })))
  const { output } = await shown(samples, 2)
  expect(output).toMatchObject({ truncated: true, rows: [{ 2: '29' }, { 2: '28' }] })
})

test('nobody looking is told apart from nobody working', async () => {
  expect((await shown(undefined)).output).toMatchObject({ lines: [expect.stringContaining('Nobody looks')] })
  expect((await shown([])).output).toMatchObject({ lines: ['No session worked in the last hour.'] })
})
