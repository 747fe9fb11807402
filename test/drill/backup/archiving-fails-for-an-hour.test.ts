import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { failArchiving } from '../../../testbed/backup/faults.ts'
import { mountLoopDisk } from '../../../testbed/loop-disk.ts'
import { lastLines } from '../../../testbed/process.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { untilAlert } from './alerts.ts'
import type { Alert } from './alerts.ts'
import { allowAgents, cluster, dailyAt, startBackupHerd } from './backup-herd.ts'
import { hastenedRules } from './hastened-rules.ts'

/** An hour in five minutes. What the agent tells each minute comes every 12 minutes then, so that all is told later than it would be. */
const factor = 12
const diskBytes = 420 << 20
const everySecond = `select pg_logical_emit_message(true, 'load', repeat('x', 1000000))`
const answers = z.object({
  data: z.object({ result: z.array(z.object({ values: z.array(z.tuple([z.number(), z.string()])) })) }),
})

test('archive_command fails for an hour and the disk of pg_wal fills: alerts fire long before, and nothing is lost', async () => {
  await using stack = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-rules-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const rulesFile = join(directory, 'backup.yaml')
  writeFileSync(rulesFile, hastenedRules(new URL('../../../rules/backup.yaml', import.meta.url), factor))
  const herd = stack.use(await startBackupHerd({ rulesFile }))
  const disk = stack.use(await mountLoopDisk(diskBytes, unprivilegedOwner()))
  const postgres = stack.use(
    await startPostgres({
      major: 15,
      directory: join(disk.path, 'server'),
      settings: { ...herd.archiveSettings(1), max_wal_size: '64MB', min_wal_size: '32MB' },
    }),
  )
  await allowAgents(postgres)
  await postgres.query('create table ledger (entry int)')
  // What somebody can delete when the disk is full.
  const ballast = join(disk.path, 'ballast')
  writeFileSync(ballast, Buffer.alloc(60 << 20))
  await herd.addMember({
    seq: 1,
    postgres,
    policy: {
      schedules: { full: dailyAt(new Date()) },
      compression: { type: 'lz4' },
      repositories: [{ kind: 'local', path: herd.inside('repository'), retention: { full: 2 } }],
    },
  })
  await herd.untilRun('there is a backup', ({ outcome }) => outcome === 'done')

  const fault = stack.use(await failArchiving(postgres))
  const firstFailure = waitFor(
    'the first failure',
    async () => {
      const [row] = await postgres.query<{ at: string | null }>(
        'select extract(epoch from last_failed_time) * 1000 as at from pg_stat_archiver',
      )
      return row?.at == null ? undefined : Number(row.at)
    },
    { timeoutMs: 60_000, intervalMs: 200 },
  )
  const full = untilFull(postgres)
  const whenFiring = (name: string): Promise<{ alert: Alert; atMs: number }> =>
    untilAlert(herd, name, 400_000).then((alert) => ({ alert, atMs: Date.now() }))
  const [failedMs, fails, waits] = await Promise.all([
    firstFailure,
    whenFiring('PgArchivingFails'),
    whenFiring('PgWalWaitsForArchive'),
  ])
  const list = await herd.succeed('backup', 'list', cluster)
  const { fullMs, entries } = await full

  const minutes = (ms: number): number => Math.round((((ms - failedMs) * factor) / 60_000) * 10) / 10
  const order = {
    'PgArchivingFails fires': minutes(fails.atMs),
    'PgWalWaitsForArchive fires': minutes(waits.atMs),
    'the disk is full': minutes(fullMs),
  }
  console.log('minutes after the first failure, as of an hour:', order)
  expect(list).toMatch(/archiving fails since .*; \d+ segments wait, \d+\.0 MiB/)
  // There is time to do something: half of what there was at least.
  expect(fails.atMs - failedMs).toBeLessThan((fullMs - failedMs) / 2)
  expect(waits.atMs - failedMs).toBeLessThan((fullMs - failedMs) * 0.7)
  expect(waits.alert.annotations['summary']).toMatch(/a disk of 127\.0\.0\.1 is full within/)
  const query = `pgherd_backup_archive_waiting_bytes{cluster="${cluster}"}`
  const times = `start=${(failedMs - 5_000) / 1000}&end=${fullMs / 1000}&step=5`
  const answer = await fetch(
    `${herd.fleet.collector.url}/api/v1/query_range?query=${encodeURIComponent(query)}&${times}`,
  )
  const [series] = answers.parse(await answer.json()).data.result
  const waiting = (series?.values ?? []).map(([, bytes]) => Number(bytes))
  expect(waiting).toEqual(waiting.toSorted((a, b) => a - b))
  expect(waiting.at(-1)).toBeGreaterThan(100 << 20)

  // Room is made, the server is started, and archiving is mended: all of it comes to the archive, and no commit is lost.
  rmSync(ballast)
  if (postgres.isRunning()) await postgres.stop('immediate')
  await postgres.start()
  await fault.heal()
  await waitFor(
    'all is archived',
    async () => {
      const [row] = await postgres.query(
        `select count(*) as ready from pg_ls_archive_statusdir() where name like '%.ready'`,
      )
      return Number(row?.['ready']) === 0
    },
    { timeoutMs: 120_000, intervalMs: 500 },
  )
  const [row] = await postgres.query('select max(entry) as last from ledger')
  expect(Number(row?.['last'])).toBeGreaterThanOrEqual(entries)
  await herd.succeed('backup', 'run', cluster, '--type', 'full', '--yes')
})

/** Writes a MB of the log each second until the server ends for want of room. */
async function untilFull(
  postgres: Awaited<ReturnType<typeof startPostgres>>,
): Promise<{ fullMs: number; entries: number }> {
  for (let entries = 0; entries < 900; entries++) {
    const beganMs = performance.now()
    try {
      await postgres.query(everySecond)
      await postgres.query('insert into ledger values ($1)', [entries + 1])
    } catch (error) {
      const fullMs = Date.now()
      const log = lastLines(postgres.logFile, 60)
      if (!log.includes('No space left on device')) throw error
      return { fullMs, entries }
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, 1_000 - (performance.now() - beganMs))))
  }
  throw new Error('the disk did not become full')
}
