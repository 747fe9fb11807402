import { expect, test } from 'vitest'
import { failArchiving, fillDisk } from '../../../testbed/backup/faults.ts'
import { startArchivingPostgres } from '../../../testbed/backup/pgbackrest.ts'
import { lastLines } from '../../../testbed/process.ts'
import { mountSmallDisk } from '../../../testbed/small-disk.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { keepFixture, outcomeOf, summary } from './outcome.ts'

const owner = unprivilegedOwner()

test('a repository that fills in a backup ends it after more than 15 s, without the word space', async () => {
  await using disk = await mountSmallDisk('60m', owner)
  await using lab = await startArchivingPostgres({ pgbenchScale: 1, repositories: [{ path: disk.path }] })
  disk.fill(2_000_000)
  const backup = await outcomeOf(lab, ['backup', '--type=full'], 'backup-repository-full')
  expect(backup).toMatchObject({
    status: 64,
    says: [expect.stringMatching(/^ERROR: \[064\]: raised from local-\d protocol: unable to write /)],
  })
  expect(backup.stderr).toContain('[FileWriteError] on retry after 15000ms')
  expect(backup.stderr).not.toContain('space')
  expect(backup.seconds).toBeGreaterThan(15)
  disk.empty()
  const next = await outcomeOf(lab, ['backup', '--type=full'])
  expect(next).toMatchObject({ status: 0, says: [expect.stringMatching(/^WARN: resumable backup /)] })
})

test('a full repository takes no WAL: archive-push says space to the log of the server, check says 82', async () => {
  await using disk = await mountSmallDisk('60m', owner)
  await using lab = await startArchivingPostgres({ repositories: [{ path: disk.path }] })
  await using stack = new AsyncDisposableStack()
  const fault = stack.use(fillDisk(disk))
  await lab.postgres.query('create table t as select generate_series(1, 100000) n')
  const check = await outcomeOf(lab, ['check', '--archive-timeout=5'], 'check-repository-full')
  expect(check).toMatchObject({
    status: 82,
    says: [
      expect.stringMatching(/^ERROR: \[082\]: WAL segment \S+ was not archived before the 5000ms timeout$/),
    ],
  })
  const log = lastLines(lab.postgres.logFile, 20)
  expect(log).toMatch(/ERROR: \[104\]: archive-push command encountered error\(s\):/)
  expect(log).toMatch(/\[FileWriteError\] unable to write '\S+': \[28\] No space left on device/)
  expect(log).toContain('archive command failed with exit code 104')
  await fault.heal()
  await lab.archive()
})

test('a scratch directory without room ends a restore after more than 15 s', async () => {
  await using scratch = await mountSmallDisk('20m', owner)
  await using lab = await startArchivingPostgres({ pgbenchScale: 1 })
  expect(await outcomeOf(lab, ['backup', '--type=full'])).toMatchObject({ status: 0, says: [] })
  await using restore = await lab.restoreInto(`${scratch.path}/restore`, { type: 'default' })
  keepFixture(lab, ['restore'], restore.run, 'restore-scratch-full')
  expect(summary(lab, restore.run)).toMatchObject({
    status: 64,
    says: [expect.stringMatching(/^ERROR: \[064\]: raised from local-\d protocol: unable to write /)],
  })
  expect(restore.run.ms).toBeGreaterThan(15_000)
})

test('an archive_command that fails lets pg_wal grow, and ends check and backup with 82', async () => {
  await using lab = await startArchivingPostgres()
  await using stack = new AsyncDisposableStack()
  const fault = stack.use(await failArchiving(lab.postgres))
  const [before] = await lab.postgres.query<{ count: string }>('select count(*) from pg_ls_waldir()')
  for (let segment = 0; segment < 5; segment++) {
    await lab.postgres.query('create table t as select generate_series(1, 1000) n')
    await lab.postgres.query('drop table t')
    await lab.postgres.query('select pg_switch_wal()')
  }
  const [after] = await lab.postgres.query<{ count: string }>('select count(*) from pg_ls_waldir()')
  expect(Number(after?.count)).toBeGreaterThan(Number(before?.count) + 3)
  for (const args of [['check'], ['backup', '--type=full']]) {
    const name = `${args[0] ?? ''}-archiving-fails`
    const outcome = await outcomeOf(lab, [...args, '--archive-timeout=2'], name)
    expect(outcome).toMatchObject({
      status: 82,
      says: [
        expect.stringMatching(/^ERROR: \[082\]: WAL segment \S+ was not archived before the 2000ms timeout$/),
      ],
    })
  }
  await fault.heal()
  await waitFor(
    'the queue to be archived',
    async () => {
      const [row] = await lab.postgres.query<{ ready: string }>(
        `select count(*) as ready from pg_ls_archive_statusdir() where name like '%.ready'`,
      )
      return row?.ready === '0'
    },
    { timeoutMs: 90_000 },
  )
  expect(await outcomeOf(lab, ['check'])).toMatchObject({ status: 0, says: [] })
})

test('an archive_command without pgBackRest is noticed at once', async () => {
  await using lab = await startArchivingPostgres()
  await using stack = new AsyncDisposableStack()
  stack.use(await failArchiving(lab.postgres, 'true'))
  for (const args of [['check'], ['backup', '--type=full']]) {
    const outcome = await outcomeOf(lab, args, `${args[0] ?? ''}-foreign-archive-command`)
    expect(outcome).toMatchObject({
      status: 68,
      says: [`ERROR: [068]: archive_command 'true' must contain pgbackrest`],
    })
  }
})
