import { expect, test } from 'vitest'
import type { KeptReport } from '../../common/insight/watchdog-view.ts'
import { fakeCollector } from './fake-collector.ts'
import { runAgentctl } from './run-agentctl.ts'

const kept = (seq: number, given: Partial<KeptReport['report']> = {}): KeptReport => ({
  seq,
  atMs: 1_700_000_000_000,
  cluster: 'pg-main',
  server: 'pg-main-1',
  report: {
    deed: 'terminated',
    text: 'terminated: session 7 (app in shop, from 10.0.0.7) is idle in a transaction since 15m; it is gone',
    rule: 'idle',
    case: 'idle-in-transaction',
    isDry: false,
    heldMs: 900_000,
    harm: [],
    next: 'it is terminated 30s after the report',
    session: { pid: 7, usename: 'app', query: 'update things set name = ?', leader_pid: null },
    locks: ['RowExclusiveLock on public.things'],
    victims: [{ pid: 8, usename: 'web' }],
    after: { session: null, victims: [] },
    leftover: null,
    ...given,
  },
})

test('history has the newest last, and asks only for what is meant', async () => {
  const { url, asked } = await fakeCollector({
    'GET /api/v1/watchdog': () => [kept(2), kept(1, { deed: 'reported' })],
  })
  const { out } = await runAgentctl(
    ['watchdog', 'history', '-c', 'pg-main', '-n', 'pg-main-1', '--since', '100s'],
    { url, width: 200 },
  )
  const [, first, second] = out.split('\n')
  expect(first).toMatch(/^ *1 +2023-11-14 22:13:20 +pg-main-1 +reported +idle +terminated: session 7/)
  expect(second).toMatch(/^ *2 +.* terminated +idle /)
  expect(Object.fromEntries(asked[0]?.query ?? [])).toEqual({
    cluster: 'pg-main',
    server: 'pg-main-1',
    since: '1700000000',
    limit: '50',
  })
})

test('show has the session, its locks, who waited, and what was there afterwards', async () => {
  const { url, asked } = await fakeCollector({ 'GET /api/v1/watchdog': () => [kept(2)] })
  const { out } = await runAgentctl(['watchdog', 'show', '2'], { url })
  expect(asked[0]?.query.get('number')).toBe('2')
  expect(out).toMatch(/locks +RowExclusiveLock on public\.things/)
  expect(out).toMatch(/Session\n *pid +7\n *usename +app\n *query +update things set name = \?\n/)
  expect(out).toMatch(/Waited for it\n *pid +8\n/)
  expect(out).toMatch(/Session afterwards\n *state +gone/)
})

test('a number that no report has is not found', async () => {
  const { url } = await fakeCollector({ 'GET /api/v1/watchdog': () => [] })
  const { error } = await runAgentctl(['watchdog', 'show', '9'], { url })
  expect(error).toMatchObject({ code: 'NOT_FOUND', message: 'no report of a watchdog has the number 9' })
})

test('json has the reports as they are', async () => {
  const { url } = await fakeCollector({ 'GET /api/v1/watchdog': () => [kept(2)] })
  const { out } = await runAgentctl(['-o', 'json', 'watchdog', 'history'], { url })
  expect(JSON.parse(out)).toEqual([kept(2)])
})
