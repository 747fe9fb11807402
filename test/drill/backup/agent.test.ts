import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { backupsOfClusterAnswer } from '../../../common/backup/backup-view.ts'
import type { ClusterBackups } from '../../../common/backup/backup-view.ts'
import { findProgram } from '../../../testbed/find-program.ts'
import { startFleet } from '../../../testbed/fleet.ts'
import type { Fleet } from '../../../testbed/fleet.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import type { PgherdProcess } from '../../../testbed/pgherd.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'

const cluster = 'pg-main'
const owned = new AsyncDisposableStack()
const directory = mkdtempSync(join(tmpdir(), 'pgherd-backup-agent-'))
owned.defer(() => rmSync(directory, { recursive: true, force: true }))
/** Of the servers' user: repository, pgBackRest's own files, drills and what is restored. */
const { path: own } = owned.use(createOwnDirectory({ prefix: 'pgherd-backup-own-' }, unprivilegedOwner()))
const configFile = join(own, 'pgbackrest.conf')
let postgres: PostgresServer
let fleet: Fleet
let agent: PgherdProcess

beforeAll(async () => {
  const inside = (name: string): string =>
    createOwnDirectory({ path: join(own, name) }, unprivilegedOwner()).path
  const now = new Date()
  const policy = {
    // The moment that is now: its window is open, and the next is tomorrow.
    schedules: { full: `${now.getUTCMinutes()} ${now.getUTCHours()} * * *` },
    config_file: configFile,
    log_path: inside('log'),
    lock_path: inside('lock'),
    archive: { async: false, spool_path: inside('spool') },
    repositories: [{ kind: 'local', path: inside('repository'), retention: { full: 2 } }],
    // The machine may be busy with other tests.
    guard: { load_per_cpu: 'none', io_pressure_percent: 'none' },
    compression: { type: 'lz4' },
    drill: {
      directory: inside('drill'),
      queries: [
        {
          database: 'postgres',
          sql: 'select count(*) > 0 from public.ledger',
          what: 'the ledger has entries',
        },
      ],
    },
  }
  inside('restored')
  writeFileSync(join(directory, 'backup.yaml'), stringify({ clusters: { [cluster]: policy } }))
  const pgbackrest = findProgram('pgbackrest') ?? 'pgbackrest'
  postgres = owned.use(
    await startPostgres({
      major: 15,
      settings: {
        archive_mode: 'on',
        archive_command: `${pgbackrest} --config=${configFile} --stanza=${cluster} archive-push "%p"`,
      },
    }),
  )
  await postgres.query('create role pgherd login')
  await postgres.query('grant pg_monitor to pgherd')
  await postgres.query('create table ledger as select generate_series(1, 1000) as entry')
  fleet = owned.use(await startFleet({ directory, operatorName: 'alice' }))
  mkdirSync(join(directory, 'agent'))
  writeFileSync(join(directory, 'agent', 'policy.yaml'), 'rules:\n  - kinds: [read, change, destructive]\n')
  agent = owned.use(
    await fleet.addAgent({
      directory: join(directory, 'agent'),
      cluster,
      seq: 1,
      postgresUrl: postgres.url('postgres', 'pgherd'),
      interval: '5s',
      extraConfig: {
        'scrape.timeout': '4s',
        'backup.policy_file': join(directory, 'backup.yaml'),
        'backup.command': [pgbackrest],
      },
    }),
  )
}, 120_000)

afterAll(() => owned.disposeAsync(), 60_000)

const agentctl = (...args: readonly string[]) => fleet.operator.agentctl(...args)

async function backups(): Promise<ClusterBackups> {
  const answer = await fetch(`${fleet.collector.url}/api/v1/backups/${cluster}`)
  return backupsOfClusterAnswer.parse(await answer.json()).data
}

async function succeed(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await agentctl(...args)
  expect(status, `${args.join(' ')}: ${stderr}\n${stdout}\n${agent.logTail(15)}`).toBe(0)
  return stdout
}

test('the policy becomes the configuration of pgBackRest, and the collector hears of it', async () => {
  await waitFor('the configuration is there', () => existsSync(configFile), {
    timeoutMs: 30_000,
    explain: () => agent.logTail(10),
  })
  await waitFor(
    'the collector has heard',
    async () => (await fetch(`${fleet.collector.url}/api/v1/backups/${cluster}`)).ok,
    {
      timeoutMs: 30_000,
      explain: () => agent.logTail(10),
    },
  )
})

test('the schedule makes the stanza and a backup, and the collector hears of the run and of what can be restored', async () => {
  const view = await waitFor(
    'a run has ended',
    async () => {
      const now = await backups().catch(() => undefined)
      return now?.runs.some(({ outcome }) => outcome === 'done') === true ? now : undefined
    },
    { timeoutMs: 150_000, explain: () => agent.logTail(10) },
  )
  const done = view.runs.find(({ outcome }) => outcome === 'done')
  expect(done).toMatchObject({ operation: 'full', askedBy: 'schedule', node: `${cluster}-1`, problem: null })
  await waitFor(
    'the report has the backup',
    async () => ((await backups()).members[0]?.report.sets.length ?? 0) > 0,
    {
      timeoutMs: 10_000,
    },
  )
  expect(await succeed('backup', 'list', cluster)).toContain(done?.label)
  expect(await succeed('events', '--type', 'backup-finished')).toContain('is done')
})

test('prepare, verify, a drill and expire are done by hand, with their plans', async () => {
  expect(await succeed('backup', 'prepare', cluster, '--yes')).toContain(`${cluster} can be backed up`)
  expect(await succeed('backup', 'verify', cluster, '--yes')).toContain('All is well')
  const drill = await succeed('backup', 'drill', cluster, '--yes')
  expect(drill).toMatch(/restored/i)
  const drilled = await waitFor(
    'the collector has heard of its end',
    async () =>
      (await backups()).runs.find(({ operation, outcome }) => operation === 'drill' && outcome !== 'running'),
    { timeoutMs: 10_000 },
  )
  expect(drilled).toMatchObject({ outcome: 'done' })
  expect(await succeed('backup', 'expire', cluster, '--dry-run')).toBeTruthy()
})

test.each([
  'pgherd_backup_last_success_timestamp_seconds{cluster="pg-main",repository="1",type="full"}',
  'pgherd_backup_repository_restorable_to_timestamp_seconds{cluster="pg-main"}',
  'pgherd_backup_last_duration_seconds{operation="drill"}',
  'pgherd_restore_drill_success{cluster="pg-main"} == 1',
])('%s is in the store', async (query) => {
  await waitFor(
    'it comes',
    async () => (await agentctl('-o', 'tsv', 'query', query)).stdout.trim().includes('\n'),
    { timeoutMs: 20_000 },
  )
})

test('a dropped table comes back at the point before, in a directory that proves it', async () => {
  const [row] = await postgres.query(`select now()::text as before`)
  await postgres.query('drop table ledger')
  await postgres.query('select pg_switch_wal()')
  await waitFor('the segment is archived', async () => {
    const [waiting] = await postgres.query(
      `select count(*) as ready from pg_ls_archive_statusdir() where name like '%.ready'`,
    )
    return Number(waiting?.['ready']) === 0
  })
  const into = join(own, 'restored', 'data')
  const out = await succeed(
    'backup',
    'restore',
    cluster,
    '--to',
    String(row?.['before']),
    '--into',
    into,
    '--yes',
  )
  expect(out).toContain(`was restored into ${into}`)
  expect(existsSync(join(into, 'PG_VERSION'))).toBe(true)
})

test('a target in the future stops before anything is touched', async () => {
  const into = join(own, 'restored', 'never')
  const { status, stderr } = await agentctl(
    'backup',
    'restore',
    cluster,
    '--to',
    '2099-01-01 00:00:00+00',
    '--into',
    into,
    '--yes',
  )
  expect(status).toBe(1)
  expect(stderr).toContain('is in the future')
  expect(existsSync(into)).toBe(false)
})

test('the policy is told with its next moments and without secrets', async () => {
  expect(await succeed('backup', 'policy', cluster)).toContain('In the next 7 days')
})
