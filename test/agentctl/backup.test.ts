import { expect, test } from 'vitest'
import type { ClusterBackups } from '../../common/backup/backup-view.ts'
import { fakeCollector } from './fake-collector.ts'
import { runAgentctl } from './run-agentctl.ts'

const atMs = Date.UTC(2026, 10, 27, 14)
const hour = 3_600_000
const day = 24 * hour

const member = (node: string, ageMs: number, isRunner = true): ClusterBackups['members'][number] => ({
  ageMs,
  report: {
    ...{ cluster: 'pg-main', node, atMs, engine: 'pgbackrest', engineVersion: '2.45', stanza: 'pg-main' },
    ...{ isRunner, runnerReason: isRunner ? 'it is the primary' : 'it is a standby', running: null },
    next: [{ operation: 'full', atMs: atMs + hour }],
    repositories: [],
    sets: [
      {
        ...{ label: '20261127-120000F', type: 'full', repository: 1, startedMs: atMs - 2 * hour },
        ...{ finishedMs: atMs - hour, walStart: null, walStop: null, sizeBytes: 1, storedBytes: 1 },
        ...{ hasErrors: false, needs: [] },
      },
    ],
    archive: { waitingSegments: null, waitingBytes: null, failingSinceMs: null, lastFailure: null },
  },
})

const failed: ClusterBackups['runs'][number] = {
  ...{
    id: 'r1',
    cluster: 'pg-main',
    node: 'pg-main-1',
    operation: 'incr',
    askedBy: 'schedule',
    slotMs: null,
  },
  ...{ startedMs: atMs, finishedMs: atMs, outcome: 'failed', problem: 'configuration', attempts: 1 },
  ...{ label: null, repository: 1, sizeBytes: null, storedBytes: null, recoveryMs: null },
  message: 'its options do not fit; correct /etc/pgbackrest/pgbackrest.conf (process-max)',
}

async function backup(
  args: readonly string[],
  members: ClusterBackups['members'],
  { runs = [], width }: { readonly runs?: ClusterBackups['runs']; readonly width?: number } = {},
) {
  const view = { cluster: 'pg-main', members, runs }
  const { url } = await fakeCollector({
    'GET /api/v1/backups': () => [view],
    'GET /api/v1/backups/pg-main': () => view,
  })
  return runAgentctl(['backup', ...args], { url, ...(width === undefined ? {} : { width }) })
}

test('what a member that is silent has told is not called well, and grows older', async () => {
  const { out } = await backup(['list'], [member('pg-main-1', 3 * day)])
  expect(out.split('\n')[1]).toMatch(/^pg-main {2}unknown {5}3d1h ago .* 3d0h ago$/)
})

test('a member that is heard of speaks, and not one that ran the backups days ago', async () => {
  const { out } = await backup(['list'], [member('pg-main-1', 3 * day), member('pg-main-2', 1_000, false)])
  expect(out.split('\n')[1]).toMatch(/^pg-main {2}ok .* 1s ago$/)
})

test('a member whose archiving fails makes a cluster not well, whoever runs the backups', async () => {
  const failing = member('pg-main-2', 2_000, false)
  const archive = { ...failing.report.archive, failingSinceMs: atMs }
  const report = { ...failing.report, archive }
  const { out } = await backup(['list'], [member('pg-main-1', 1_000), { ...failing, report }])
  expect(out.split('\n')[1]).toMatch(/^pg-main {2}archiving fails /)
})

test('of one cluster it is told since when nobody was heard of, without moments that have passed', async () => {
  const { out } = await backup(['list', 'pg-main'], [member('pg-main-1', 3 * day)])
  expect(out).toContain('NOT HEARD OF for 3d0h: all of this was so then')
  expect(out).toContain('pg-main-1: not heard of for 3d0h; then it ran them: it is the primary')
  expect(out).not.toContain('next full')
})

test('nothing is asked of a member that was the runner before it fell silent', async () => {
  const { error } = await backup(['run', 'pg-main'], [member('pg-main-1', 3 * day)])
  expect(error?.message).toBe("it is nobody's turn (pg-main-1 was heard of 3d0h ago); allowed: --node <node>")
})

test.each([80, 200])('why a run failed is told in full, once, on a terminal of %i columns', async (width) => {
  const { out } = await backup(['history', 'pg-main'], [member('pg-main-1', 0)], { runs: [failed], width })
  expect(out.split(failed.message)).toHaveLength(2)
})
