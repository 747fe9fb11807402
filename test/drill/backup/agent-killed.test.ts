import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unfinishedMarker } from '../../../agent/backup/drill/scratch-place.ts'
import type { BackupRun } from '../../../common/backup/backup-run.ts'
import { pgbench } from '../../../testbed/backup/pgbench.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { allowAgents, cluster, dailyAt, slowly, startBackupHerd } from './backup-herd.ts'
import type { BackupHerd, Member } from './backup-herd.ts'

const owned = new AsyncDisposableStack()
let herd: BackupHerd
let postgres: PostgresServer
let member: Member
let repository: string

beforeAll(async () => {
  herd = owned.use(await startBackupHerd())
  repository = herd.inside('repository')
  herd.inside('restored')
  postgres = owned.use(await startPostgres({ major: 15, settings: herd.archiveSettings(1) }))
  await allowAgents(postgres)
  await pgbench(postgres, ['-i', '-q', '-s', '1'])
  const now = dailyAt(new Date())
  member = await herd.addMember({
    seq: 1,
    postgres,
    policy: {
      ...slowly,
      schedules: { full: now, drill: now },
      repositories: [{ kind: 'local', path: repository, retention: { full: 2 } }],
      // A drill has a server of its own for so long.
      drill: {
        queries: [{ database: 'postgres', sql: 'select pg_sleep(4) is not null', what: 'time passes' }],
      },
    },
  })
}, 120_000)

afterAll(() => owned.disposeAsync(), 60_000)

/** What works for this test's repository, drills and restores: pgBackRest and servers, and nothing of the agent itself. */
function workers(): readonly string[] {
  const own = [member.configFile, member.drillDirectory, join(herd.inside('restored'), 'data')]
  return readdirSync('/proc').flatMap((pid): readonly string[] => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const [program, line] = ['comm', 'cmdline'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'))
      const isOne = /^(pgbackrest|postgres)$/m.test(program ?? '') && line?.includes('archive-push') === false
      return isOne && own.some((path) => line.includes(path)) ? [`${pid} ${line.replaceAll('\0', ' ')}`] : []
    } catch {
      return []
    }
  })
}

const filesOfBackups = (): readonly string[] => globSync(join(repository, `backup/${cluster}/*F/pg_data/**`))

function untilInBackup(known = filesOfBackups().length): Promise<boolean> {
  return waitFor(
    'files of a backup are in the repository',
    () => workers().length > 0 && filesOfBackups().length > known,
    { timeoutMs: 60_000, explain: () => member.agent.logTail(10) },
  )
}

function untilEnded(operation: string, others: readonly BackupRun[]): Promise<BackupRun> {
  const known = new Set(others.filter(({ outcome }) => outcome === 'interrupted').map(({ id }) => id))
  return herd.untilRun(
    `the interrupted ${operation} is told`,
    (run) => run.operation === operation && run.outcome === 'interrupted' && !known.has(run.id),
  )
}

test('SIGTERM in the middle of a backup interrupts it, ends pgBackRest first, and cancels nothing', async () => {
  await untilInBackup(0)
  expect(await member.agent.stop()).toBe(0)
  expect(workers()).toEqual([])
  await member.agent.start()
  const run = await untilEnded('full', [])
  expect(run).toMatchObject({
    askedBy: 'schedule',
    problem: null,
    message: 'the agent was stopped while it ran',
  })
})

test('kill -9 in the middle of the backup that was taken up: the next start ends what is left and takes up the slot again', async () => {
  const before = await herd.runs()
  await untilInBackup()
  await member.agent.kill()
  await member.agent.start()
  const run = await untilEnded('full', before)
  expect(run.message).toMatch(/^the agent ended while it ran/)
  const done = await herd.untilRun('the slot is answered', ({ outcome, operation }) => {
    return outcome === 'done' && operation === 'full'
  })
  expect(done.slotMs).toBe(run.slotMs)
  const full = await herd.runs('full')
  expect(full.map(({ outcome }) => outcome)).toEqual(['done', 'interrupted', 'interrupted'])
})

test('history and events tell of it', async () => {
  expect(await herd.succeed('backup', 'history', cluster)).toMatch(
    /full +interrupted .*the agent ended while it ran/,
  )
  expect(await herd.succeed('events', '--type', 'backup-failed')).toContain('full interrupted')
})

test('kill -9 in the middle of a drill: its server and its directory are gone after the next start, and the drill is done again', async () => {
  await waitFor(
    'the server of the drill runs',
    () => globSync(join(member.drillDirectory, '*/data/postmaster.pid')).length > 0,
    {
      timeoutMs: 30_000,
      explain: () => member.agent.logTail(10),
    },
  )
  await member.agent.kill()
  const left = workers()
  expect(left.length).toBeGreaterThan(0)
  expect(readdirSync(member.drillDirectory)).toHaveLength(1)
  await member.agent.start()
  const run = await untilEnded('drill', [])
  expect(run.message).toMatch(/processes that worked in \S+ were ended, and it was removed/)
  expect(workers().filter((pid) => left.includes(pid))).toEqual([])
  await herd.untilRun(
    'the drill is done',
    ({ operation, outcome }) => operation === 'drill' && outcome === 'done',
  )
  expect(readdirSync(member.drillDirectory)).toEqual([])
  await waitFor('nothing works any more', () => workers().length === 0, {
    explain: () => workers().join('\n'),
  })
  expect(await herd.succeed('events', '--type', 'restore-drill-failed')).toContain('drill interrupted')
})

test('kill -9 in the middle of a restore: what it had restored is removed', async () => {
  const into = join(herd.inside('restored'), 'data')
  const restore = ['backup', 'restore', cluster, '--target', 'immediate', '--into', into, '--yes'] as const
  const asked = herd.agentctl(...restore)
  let answer = 'agentctl has not answered'
  void asked.then(({ stdout, stderr }) => (answer = `${stdout}${stderr}`))
  await waitFor('files are restored', () => existsSync(join(into, 'base')), {
    timeoutMs: 15_000,
    explain: () => answer,
  })
  await member.agent.kill()
  expect(existsSync(unfinishedMarker(into))).toBe(true)
  await member.agent.start()
  const run = await untilEnded('restore', [])
  expect(run.message).toContain(`${into} was removed`)
  expect(readdirSync(herd.inside('restored'))).toEqual([])
  await waitFor('nothing works any more', () => workers().length === 0, {
    explain: () => workers().join('\n'),
  })
  expect(await asked).toMatchObject({ status: 1 })
  expect(answer).toContain('The agent ended while it ran')
  // And once more, to its end.
  expect(await herd.succeed(...restore)).toContain(`was restored into ${into}`)
})

test('the repository is as good as before: the next backup builds upon it, and all of it reads well', async () => {
  expect(await herd.succeed('backup', 'run', cluster, '--type', 'incr', '--yes')).toMatch(/Backup \S+I:/)
  expect(await herd.succeed('backup', 'verify', cluster, '--yes')).toContain('All is well')
})
