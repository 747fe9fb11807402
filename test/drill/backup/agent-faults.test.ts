import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { failArchiving } from '../../../testbed/backup/faults.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { writeOwned } from '../../../testbed/postgres-settings.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { mountSmallDisk } from '../../../testbed/small-disk.ts'
import type { SmallDisk } from '../../../testbed/small-disk.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { allowAgents, cluster, dailyAt, startBackupHerd } from './backup-herd.ts'
import type { BackupHerd, Member } from './backup-herd.ts'
import { lastOfHistory } from './last-of-history.ts'

const owned = new AsyncDisposableStack()
let herd: BackupHerd
let postgres: PostgresServer
let member: Member
let repository: SmallDisk
let scratch: SmallDisk
let policy: Readonly<Record<string, unknown>>

beforeAll(async () => {
  herd = owned.use(await startBackupHerd())
  repository = owned.use(await mountSmallDisk('400m', unprivilegedOwner()))
  scratch = owned.use(await mountSmallDisk('20m', unprivilegedOwner()))
  const pass = join(herd.inside('secrets'), 'pass')
  writeOwned(pass, 'the pass of the repository\n')
  postgres = owned.use(await startPostgres({ major: 15, settings: herd.archiveSettings(1) }))
  await allowAgents(postgres)
  policy = {
    schedules: { full: dailyAt(new Date()) },
    compression: { type: 'lz4' },
    repositories: [{ kind: 'local', path: repository.path, cipher_pass_file: pass, retention: { full: 2 } }],
    retry: { attempts: 1 },
    archive: { timeout: '3s' },
    drill: { directory: scratch.path },
  }
  member = await herd.addMember({ seq: 1, postgres, policy })
  await herd.untilRun('there is a backup', ({ outcome }) => outcome === 'done')
}, 120_000)

afterAll(() => owned.disposeAsync(), 60_000)

test('archive_command that fails: what waits, since when and why is in the list, and in series for alerts', async () => {
  await using stack = new AsyncDisposableStack()
  stack.use(await failArchiving(postgres))
  await postgres.query('create table more as select generate_series(1, 1000) as n')
  await postgres.query('select pg_switch_wal()')
  await waitFor('it has failed', async () => {
    const [row] = await postgres.query('select failed_count > 0 as has from pg_stat_archiver')
    return row?.['has'] === true
  })
  const asked = await herd.agentctl('backup', 'run', cluster, '--type', 'incr', '--yes')
  expect(asked.status, `${asked.stdout}${asked.stderr}`).toBe(1)
  expect(await lastOfHistory(herd, 'incr')).toMatch(/incr +failed: archive-missing /)
  const list = await waitFor('the list tells it', async () => {
    const text = await herd.succeed('backup', 'list', cluster)
    return text.includes('archiving fails since') ? text : undefined
  })
  expect(list).toMatch(
    /archive_command failed for [0-9A-F]{24} at .* times in all; [1-9]\d* segments wait, \d+\.0 MiB/,
  )
  for (const name of [
    'archive_failing_since_timestamp_seconds',
    'archive_waiting_bytes',
    'archive_waiting_segments',
  ]) {
    await waitFor(
      `pgherd_backup_${name} is there`,
      async () => {
        const query = encodeURIComponent(`pgherd_backup_${name}{cluster="${cluster}", ip="127.0.0.1"} > 0`)
        const answer = await fetch(`${herd.fleet.collector.url}/api/v1/query?query=${query}`)
        return (await answer.text()).includes('"value":[')
      },
      { timeoutMs: 30_000 },
    )
  }
})

test('after it was mended the next backup is well, and the list has nothing more of it', async () => {
  await waitFor(
    'all is archived',
    async () => {
      const [row] = await postgres.query(
        `select count(*) as ready from pg_ls_archive_statusdir() where name like '%.ready'`,
      )
      return Number(row?.['ready']) === 0
    },
    { timeoutMs: 80_000 },
  )
  await herd.succeed('backup', 'run', cluster, '--type', 'incr', '--yes')
  await waitFor('the list is clean', async () => {
    return !(await herd.succeed('backup', 'list', cluster)).includes('archiving fails')
  })
})

test('no room for a drill: it does not begin, and says what it needs', async () => {
  const { status, stderr, stdout } = await herd.agentctl('backup', 'drill', cluster, '--yes')
  expect(status).not.toBe(0)
  expect(`${stdout}${stderr}`).toMatch(/MiB free; the restore takes about \d+/)
})

test('the disk of the repository full in the middle of a backup: failed as repository-full, and the one before is still there', async () => {
  const before = await herd.succeed('backup', 'list', cluster)
  await using stack = new AsyncDisposableStack()
  repository.fill(1_000_000)
  stack.defer(() => repository.empty())
  const asked = herd.agentctl('backup', 'run', cluster, '--type', 'full', '--yes')
  const run = await herd.untilRun('it has failed', ({ problem }) => problem === 'repository-full', 90_000)
  expect(run).toMatchObject({ operation: 'full', outcome: 'failed' })
  expect(run.message).toContain('make room')
  await asked
  const label = /^\d{8}-\d{6}F/m.exec(before)?.[0] ?? 'none'
  expect(await herd.succeed('backup', 'list', cluster)).toContain(label)
})

test('another pass than the repository was made with: failed as cipher, also in the list', async () => {
  const other = join(herd.inside('secrets'), 'other')
  writeOwned(other, 'another pass\n')
  const repositories = [
    { kind: 'local', path: repository.path, cipher_pass_file: other, retention: { full: 2 } },
  ]
  member.writePolicy({ ...policy, repositories })
  await member.agent.stop()
  await member.agent.start()
  await waitFor(
    'the list tells it',
    async () => {
      const { stdout } = await herd.agentctl('backup', 'list')
      return /pg-main +cipher /.test(stdout)
    },
    { timeoutMs: 30_000 },
  )
  expect(await herd.succeed('backup', 'list', cluster)).toContain('give the pass that it was made with')
})
