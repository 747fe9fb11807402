import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { corruptPage } from '../../../testbed/backup/faults.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { mountSmallDisk } from '../../../testbed/small-disk.ts'
import type { SmallDisk } from '../../../testbed/small-disk.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { allowAgents, cluster, dailyAt, startBackupHerd } from './backup-herd.ts'
import type { BackupHerd, Member } from './backup-herd.ts'

const owned = new AsyncDisposableStack()
let herd: BackupHerd
let postgres: PostgresServer
let member: Member
let disk: SmallDisk
let directory: string
let policy: Readonly<Record<string, unknown>>

beforeAll(async () => {
  herd = owned.use(await startBackupHerd())
  disk = owned.use(await mountSmallDisk('400m', unprivilegedOwner()))
  directory = join(disk.path, 'pg-main')
  herd.inside('restored')
  postgres = owned.use(await startPostgres({ major: 15 }))
  await allowAgents(postgres)
  await postgres.query('alter role pgherd replication')
  await postgres.query('create table ledger as select generate_series(1, 1000) as entry')
  policy = {
    engine: 'pg_basebackup',
    schedules: { full: dailyAt(new Date()) },
    repositories: [{ kind: 'local', path: directory, retention: { full: 2 } }],
    retry: { attempts: 1 },
    drill: {
      queries: [
        {
          database: 'postgres',
          sql: 'select count(*) = 1000 from public.ledger',
          what: 'the ledger is whole',
        },
      ],
    },
  }
  // A backup takes some seconds.
  member = await herd.addMember({ seq: 1, postgres, policy: { ...policy, max_rate: '4MiB' } })
}, 120_000)

afterAll(() => owned.disposeAsync(), 60_000)

const namesIn = (path: string): readonly string[] => (existsSync(path) ? readdirSync(path).sort() : [])
const backups = (): readonly string[] => namesIn(directory).filter((name) => /^\d{8}-\d{6}F$/.test(name))
const partials = (): readonly string[] => namesIn(directory).filter((name) => name.endsWith('.partial'))

/** What works in the directory of the backups; the agent itself has it on no command line. */
function workers(): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`=${directory}/`)
    } catch {
      return false
    }
  })
}

async function restartWith(next: Readonly<Record<string, unknown>>): Promise<void> {
  await member.agent.stop()
  member.writePolicy(next)
  await member.agent.start()
}

async function refused(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await herd.agentctl('backup', ...args, '--yes')
  expect(status, stdout).not.toBe(0)
  return `${stdout}${stderr}`
}

const makeBackup = () => herd.succeed('backup', 'run', cluster, '--yes')

test('kill -9 in the middle of the backup of the schedule: what it left is removed, it is told, and the slot is taken up', async () => {
  await waitFor('the data and the log are copied, by a process each', () => workers().length === 2, {
    timeoutMs: 60_000,
    explain: () => member.agent.logTail(10),
  })
  const [leader, copiesLog] = workers().map(Number) as [number, number]
  process.kill(copiesLog, 'SIGSTOP')
  owned.defer(() => {
    if (workers().includes(String(copiesLog))) process.kill(copiesLog, 'SIGKILL')
  })
  await member.agent.kill()
  process.kill(leader, 'SIGKILL')
  await waitFor('one of them is left', () => workers().join() === String(copiesLog))
  expect(partials()).toHaveLength(1)
  member.writePolicy(policy)
  await member.agent.start()

  const interrupted = await herd.untilRun(
    'the interrupted run is told',
    (run) => run.outcome === 'interrupted',
  )
  expect(interrupted).toMatchObject({ operation: 'full', askedBy: 'schedule' })
  expect(interrupted.message).toMatch(
    /^the agent ended while it ran; its process group \d+ still ran and was ended by SIGKILL$/,
  )
  const done = await herd.untilRun('the slot is answered', ({ outcome }) => outcome === 'done')
  expect(done).toMatchObject({
    operation: 'full',
    askedBy: 'schedule',
    slotMs: interrupted.slotMs,
    problem: null,
  })
  expect(backups()).toEqual([done.label])
  expect(partials()).toEqual([])
  expect(workers()).toEqual([])
})

test('the list has the backup, with the engine and with what can be restored; history has both runs', async () => {
  const list = await waitFor('the list has it', async () => {
    const text = await herd.succeed('backup', 'list', cluster)
    return text.includes(backups()[0] ?? 'none') ? text : undefined
  })
  expect(list).toContain(`repository 1 (${directory}): ok`)
  expect(list).toContain('the end of each backup, and no point between')
  expect(await herd.succeed('backup', 'list')).toMatch(/pg-main +ok /)
  expect(await herd.succeed('backup', 'history', cluster)).toMatch(/full +interrupted [^]*full +done /)
})

test('prepare says what was proven, and nothing of a stanza or an archive', async () => {
  const text = await herd.succeed('backup', 'prepare', cluster, '--yes')
  expect(text).toContain(`${cluster} can be backed up`)
  expect(text).toContain(directory)
  expect(text).not.toMatch(/stanza|archive\b/)
})

test('what it cannot do is refused before anything is done, with why', async () => {
  for (const type of ['diff', 'incr']) {
    expect(await refused('run', cluster, '--type', type)).toContain(
      `pg_basebackup makes full backups only, and no ${type}; ask for a full one`,
    )
  }
  const into = join(herd.inside('restored'), 'never')
  expect(await refused('restore', cluster, '--to', '2026-11-23 10:00:00+00', '--into', into)).toContain(
    'cannot be reached: pg_basebackup archives no log, so only the end of a backup can be restored',
  )
  expect(existsSync(into)).toBe(false)
  expect(backups()).toHaveLength(1)
})

test('verify and a drill prove it', async () => {
  expect(await herd.succeed('backup', 'verify', cluster, '--yes')).toContain('All is well')
  const drill = await herd.succeed('backup', 'drill', cluster, '--yes')
  expect(drill).toContain('to the end of the backup')
  expect(drill).toContain("1 of the policy's queries are true")
  expect(namesIn(member.drillDirectory)).toEqual([])
})

test('the third backup removes the first', async () => {
  const [first] = backups()
  await makeBackup()
  expect(backups()).toHaveLength(2)
  await makeBackup()
  expect(backups()).toHaveLength(2)
  expect(backups()).not.toContain(first)
})

test('a restore into a directory is at the end of the newest backup, and open for writing', async () => {
  const into = join(herd.inside('restored'), 'data')
  const text = await herd.succeed('backup', 'restore', cluster, '--into', into, '--yes')
  expect(text).toContain(`${backups().at(-1) ?? ''} was restored into ${into}`)
  expect(text).toMatch(/to the end of the backup .*; it is open for writing on timeline 2;/)
  expect(existsSync(join(into, 'PG_VERSION'))).toBe(true)
})

test('the disk full in the middle of a backup: failed as repository-full, nothing half is left, and those before are', async () => {
  const before = backups()
  disk.fill(500_000)
  const said = await refused('run', cluster, '--type', 'full')
  disk.empty()
  expect(said).toContain('there is no room')
  await herd.untilRun(
    'it is told',
    ({ outcome, problem }) => outcome === 'failed' && problem === 'repository-full',
  )
  expect(backups()).toEqual(before)
  expect(partials()).toEqual([])
  await makeBackup()
})

test.each([
  `pgherd_backup_repository_free_bytes{cluster="${cluster}"} > 0`,
  `pgherd_backup_duration_ratio{cluster="${cluster}", operation="full"} > 0`,
])('%s is in the store', async (query) => {
  await waitFor(
    'it comes',
    async () => (await herd.agentctl('-o', 'tsv', 'query', query)).stdout.trim().includes('\n'),
    { timeoutMs: 20_000 },
  )
})

test('the last good one stays, whatever the retention says of newer ones with bad pages', async () => {
  await restartWith({ ...policy, repositories: [{ kind: 'local', path: directory, retention: { full: 1 } }] })
  let answer = ''
  await waitFor(
    'the new policy is followed',
    async () => {
      const { status, stdout, stderr } = await herd.agentctl('backup', 'policy', cluster)
      answer = `${stdout}${stderr}`
      return status === 0
    },
    { timeoutMs: 30_000, explain: () => `${answer}\n${member.agent.logTail(10)}` },
  )
  const good = await makeBackup()
  expect(backups()).toHaveLength(1)
  await using stack = new AsyncDisposableStack()
  stack.use(await corruptPage(postgres, 'ledger'))
  const bad =
    /Backup \S+F was made of pages that fail their checksum: WARNING: +checksum verification failed in file/
  expect(await refused('run', cluster, '--type', 'full')).toMatch(bad)
  expect(await refused('run', cluster, '--type', 'full')).toMatch(bad)
  expect(backups()).toHaveLength(3)
  expect(good).toContain(backups()[0])
  expect(await herd.succeed('backup', 'expire', cluster, '--yes')).toContain('othing')
  expect(backups()).toHaveLength(3)
  expect(await herd.succeed('backup', 'list', cluster)).toContain('pages fail their checksum')
})
