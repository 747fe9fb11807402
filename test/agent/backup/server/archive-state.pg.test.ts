import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { archiveState } from '../../../../agent/backup/server/archive-state.ts'
import { askServer } from '../../../../agent/backup/server/ask-server.ts'
import type { AskServer } from '../../../../agent/backup/server/ask-server.ts'
import { liveServer } from '../../../../agent/backup/server/live-server.ts'
import { ioPressure, loadReadings } from '../../../../agent/backup/server/load-readings.ts'
import { systemClock } from '../../../../common/clock.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { writeOwned } from '../../../../testbed/postgres-settings.ts'
import { waitFor } from '../../../../testbed/wait.ts'

let server: PostgresServer
let ask: AskServer

beforeAll(async () => {
  server = await startPostgres({ settings: { archive_mode: 'on', archive_command: 'true' } })
  await server.query(`create role watcher login password 'w'`)
  await server.query('grant pg_monitor to watcher')
  ask = askServer({ url: server.url('postgres', 'watcher', 'w') }, systemClock)
})
afterAll(() => server[Symbol.asyncDispose]())

async function switchSegment(): Promise<void> {
  await server.query('select pg_logical_emit_message(false, $$a$$, $$b$$), pg_switch_wal()')
}

test('archiving that works fails since never', async () => {
  await switchSegment()
  await waitFor('a segment is archived', async () => {
    const [row] = await ask('select archived_count from pg_stat_archiver')
    return Number(row?.[0]) > 0
  })
  expect(await archiveState(ask)).toMatchObject({ failingSinceMs: null, lastFailure: null })
})

test('archiving that fails has failed since its last success, and says how much waits', async () => {
  await server.query(`alter system set archive_command = 'false'`)
  await server.query('select pg_reload_conf()')
  await switchSegment()
  await waitFor('it has failed', async () => (await archiveState(ask)).failingSinceMs !== null, {
    timeoutMs: 20_000,
  })
  const state = await archiveState(ask)
  expect(state.waitingSegments).toBeGreaterThan(0)
  expect(state.waitingBytes).toBe((state.waitingSegments ?? 0) * 16 * 2 ** 20)
  const [row] = await ask('select extract(epoch from last_archived_time) * 1000 from pg_stat_archiver')
  expect(state.failingSinceMs).toBe(Number(row?.[0]))
  expect(state.lastFailure).toMatch(/^archive_command failed for [0-9A-F]{24} at /)
})

test('a drill hears of the superuser, sizes and what a standby must have as high', async () => {
  const live = await liveServer(ask, 4711, AbortSignal.timeout(5_000))
  expect(live).toMatchObject({ pid: 4711, superuser: 'postgres', tablespaces: [] })
  expect(live.sizeBytes).toBeGreaterThan(1_000_000)
  expect(live.atLeast?.get('max_connections')).toBeGreaterThan(0)
})

test('load counts other sessions that are at work, and none that is not known', async () => {
  const busy = server.query('select pg_sleep(5)').catch(() => undefined)
  await waitFor(
    'the session is at work',
    async () => (await loadReadings(ask, undefined)).activeSessions === 1,
  )
  expect(await loadReadings(ask, undefined)).toMatchObject({ activeSessions: 1, lagBytes: null })
  await server.query(
    `select pg_cancel_backend(pid) from pg_stat_activity where query like 'select pg_sleep%'`,
  )
  await busy
  const away = () => Promise.reject(new Error('away'))
  expect(await loadReadings(away, undefined)).toMatchObject({ activeSessions: null })
})

test('pressure of disks is read as the kernel writes it', () => {
  expect(ioPressure('some avg10=0.00 avg60=1.25 avg300=0.10 total=1\nfull avg10=0.00 avg60=9')).toBe(1.25)
  expect(ioPressure('')).toBe(null)
})

test('a standby keeps what it has counted as a primary, and fails at nothing', async () => {
  await server.stop()
  writeOwned(join(server.dataDirectory, 'standby.signal'), '')
  await server.start()
  const [row] = await ask('select last_failed_time > last_archived_time from pg_stat_archiver')
  expect(row).toEqual(['t'])
  expect(await archiveState(ask)).toMatchObject({ failingSinceMs: null, lastFailure: null })
})
