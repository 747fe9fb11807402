import { expect } from 'vitest'
import { instanceHealth } from '../../../common/health/instance-health.ts'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import { startPostgres, startStandby } from '../../../testbed/postgres.ts'
import type { PostgresMajor } from '../../../testbed/postgres.ts'
import { watch } from './watched.ts'

/** Starts a primary and a standby of this version and looks at everything that their reports say. */
export async function expectWholeReports(major: PostgresMajor): Promise<void> {
  await using primary = await startPostgres({ major })
  await primary.query('create role pgherd login; grant pg_monitor to pgherd')
  await using standby = await startStandby(primary, { name: 'second' })
  const found = watch(
    `servers: [{ url: '${primary.url('postgres', 'pgherd')}', seq: 1 }, { url: '${standby.url('postgres', 'pgherd')}', seq: 2 }]`,
  )
  const isWhole = ({ state, settingsDigest, timeline, space }: InstanceHealth): boolean =>
    state === 'running' && settingsDigest !== null && timeline !== null && space.length > 0
  // A server that is new still writes and replays a record now and then; the two are whole when nothing is under way.
  const isFollowed = (of: InstanceHealth): boolean =>
    of.slots.some(({ isActive }) => isActive) && of.standbys.length > 0
  const hasReplayedAll = (of: InstanceHealth): boolean =>
    of.replayLagBytes === 0 && of.upstream?.status === 'streaming'
  const first = (await found.until('the primary', (of) => isWhole(of) && isFollowed(of), 'pg-1')).report
  const second = (await found.until('the standby', (of) => isWhole(of) && hasReplayedAll(of), 'pg-2')).report
  expect(instanceHealth.safeParse(first).error).toBeUndefined()
  expect(instanceHealth.safeParse(second).error).toBeUndefined()
  expect(first).toMatchObject({
    ...{ role: 'primary', isWritable: true, timeline: 1, port: primary.port, upstream: null },
    standbys: [{ applicationName: 'second', state: 'streaming', syncState: 'async' }],
    slots: [{ slotName: 'second', isActive: true, isLogical: false }],
  })
  expect(second).toMatchObject({
    ...{ role: 'standby', isWritable: false, timeline: 1, replayLagBytes: 0, replayLagSeconds: 0 },
    upstream: { host: '127.0.0.1', port: primary.port, slotName: 'second', status: 'streaming' },
  })
  expect(second.systemIdentifier).toBe(first.systemIdentifier)
  expect(second.settingsDigest).toBe(first.settingsDigest)
  expect(first.space.map(({ of }) => of)).toContain('data')
  await standby.query('select pg_promote()')
  const promoted = await found.until('the promotion', ({ role }) => role === 'primary', 'pg-2')
  expect(promoted.report.timeline).toBe(2)
  // Source of the format: PostgreSQL, src/backend/access/transam/timeline.c.
  const file = `pg_read_file('pg_wal/00000002.history')`
  const ended = `pg_wal_lsn_diff((regexp_match(${file}, '^1\\s+(\\S+)'))[1]::pg_lsn, '0/0')`
  const [row] = await standby.query<{ ended: string }>(`select ${ended} as ended`)
  expect(promoted.report.replayedPosition).toBe(Number(row?.ended))
  expect(promoted.tookMs).toBeLessThan(2_000)
}
