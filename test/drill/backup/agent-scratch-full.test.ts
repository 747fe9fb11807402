import { existsSync, globSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { BackupRun } from '../../../common/backup/backup-run.ts'
import { pgbench } from '../../../testbed/backup/pgbench.ts'
import { archiveNow } from '../../../testbed/backup/wal.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import type { CommandResult } from '../../../testbed/run-command.ts'
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
let policy: Readonly<Record<string, unknown>>

beforeAll(async () => {
  herd = owned.use(await startBackupHerd())
  disk = owned.use(await mountSmallDisk('800m', unprivilegedOwner()))
  postgres = owned.use(await startPostgres({ major: 15, settings: herd.archiveSettings(1) }))
  await allowAgents(postgres)
  await pgbench(postgres, ['-i', '-q', '-s', '10'])
  policy = {
    schedules: { full: dailyAt(new Date()) },
    compression: { type: 'gz', level: 1 },
    process_max: 1,
    repositories: [{ kind: 'local', path: herd.inside('repository'), retention: { full: 2 } }],
    drill: { directory: disk.path },
  }
  member = await herd.addMember({ seq: 1, postgres, policy })
  await herd.untilRun('there is a backup', ({ outcome }) => outcome === 'done')
  await pgbench(postgres, ['-n', '-t', '2000', '-c', '2'])
  await archiveNow(postgres)
}, 180_000)

afterAll(() => owned.disposeAsync(), 60_000)

afterEach(() => disk.empty())

/** Something else takes all the room as soon as a file is there. @returns the run that it fails, and that has left nothing */
async function filledOnce(pattern: string, work: () => Promise<CommandResult>): Promise<BackupRun> {
  const known = new Set((await herd.runs()).map(({ id }) => id))
  // It may take longer than agentctl is given here: pgBackRest tries a file again after 15 s.
  const asked = work()
  let answer = 'agentctl has not answered'
  void asked.then(({ stdout, stderr }) => (answer = `${stdout}${stderr}`))
  await waitFor(`${pattern} is there`, () => globSync(join(disk.path, pattern)).length > 0, {
    timeoutMs: 60_000,
    intervalMs: 10,
    explain: () => answer,
  })
  disk.fill()
  const run = await herd.untilRun(
    'it has ended',
    ({ id, outcome }) => !known.has(id) && outcome !== 'running',
    120_000,
  )
  await asked
  expect(run).toMatchObject({ outcome: 'failed', problem: 'scratch-full' })
  expect(readdirSync(disk.path)).toEqual(['filler'])
  return run
}

const askForDrill = (): Promise<CommandResult> => herd.agentctl('backup', 'drill', cluster, '--yes')
const into = (): string => join(disk.path, 'restored')
const askForRestore = (): Promise<CommandResult> =>
  herd.agentctl('backup', 'restore', cluster, '--into', into(), '--yes')

test('the disk fills while a drill restores: it is ended before the last percent is taken, and leaves nothing', async () => {
  const { message } = await filledOnce('pgherd-scratch-*/data/base', askForDrill)
  expect(message).toMatch(
    /^only \d\.\d MiB are left free on the filesystem of .*; what was restored is removed again$/,
  )
  expect(await herd.succeed('backup', 'history', cluster)).toMatch(/ drill +failed: scratch-full .*only /)
  expect(await herd.succeed('events', '--type', 'restore-drill-failed')).toContain('drill failed')
})

test('the disk fills while pgBackRest restores into a directory: it fails as scratch-full, and the directory is gone', async () => {
  const { message } = await filledOnce('restored/base', askForRestore)
  // Whoever sees it first: pgBackRest, or the watch over the last percent.
  expect(message).toMatch(/the disk that is restored to is full|^only \d\.\d MiB are left free/)
  expect(existsSync(into())).toBe(false)
})

test('the disk fills while the server of a restore replays the log: the same', async () => {
  const { message } = await filledOnce('restored/postmaster.pid', askForRestore)
  expect(message).toMatch(/No space left on device|^only \d\.\d MiB are left free/)
  expect(existsSync(into())).toBe(false)
})

test('where nothing has to stay free a drill runs into the full disk itself, which is told as that', async () => {
  member.writePolicy({ ...policy, drill: { directory: disk.path, keep_free_percent: 0 } })
  await member.agent.stop()
  await member.agent.start()
  const follows = async (): Promise<boolean> =>
    (await herd.agentctl('backup', 'policy', cluster)).stdout.includes('In the next 7 days')
  await waitFor('the policy is followed', follows, { timeoutMs: 30_000 })
  const { message } = await filledOnce('pgherd-scratch-*/data/global/pg_control', askForDrill)
  expect(message).toMatch(/full/)
})

test('with room again a drill and a restore are done', async () => {
  expect(await herd.succeed('backup', 'drill', cluster, '--yes')).toMatch(/restored/i)
  expect(await askForRestore()).toMatchObject({ status: 0 })
})
