import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { flipByte, removeSegment } from '../../../testbed/backup/faults.ts'
import { pgbench } from '../../../testbed/backup/pgbench.ts'
import { archivedSegments, largestBackupFile } from '../../../testbed/backup/repository-files.ts'
import { archiveNow } from '../../../testbed/backup/wal.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { untilAlert } from './alerts.ts'
import { allowAgents, cluster, dailyAt, startBackupHerd } from './backup-herd.ts'
import type { BackupHerd, Member } from './backup-herd.ts'
import { lastOfHistory } from './last-of-history.ts'

const owned = new AsyncDisposableStack()
let herd: BackupHerd
let postgres: PostgresServer
let member: Member
/** Neither the first nor the last of the archive, and behind the backup. */
let middle: string

beforeAll(async () => {
  herd = owned.use(await startBackupHerd())
  postgres = owned.use(await startPostgres({ major: 15, settings: herd.archiveSettings(1) }))
  await allowAgents(postgres)
  await pgbench(postgres, ['-i', '-q', '-s', '1'])
  member = await herd.addMember({
    seq: 1,
    postgres,
    policy: {
      schedules: { full: dailyAt(new Date()) },
      compression: { type: 'lz4' },
      repositories: [{ kind: 'local', path: herd.inside('repository'), retention: { full: 2 } }],
    },
  })
  await herd.untilRun('there is a backup', ({ outcome }) => outcome === 'done')
  await postgres.query('create table first as select 1 as one')
  await archiveNow(postgres)
  await postgres.query('create table second as select 1 as one')
  middle = await archiveNow(postgres)
  await postgres.query('create table third as select 1 as one')
  await archiveNow(postgres)
}, 120_000)

afterAll(() => owned.disposeAsync(), 60_000)

const stored = () => ({
  stanza: cluster,
  directory: herd.inside('removed'),
  repositories: [{ path: herd.inside('repository') }],
})

/** What agentctl says of work that finds something, and the line of it in the history. */
async function found(operation: 'verify' | 'drill'): Promise<{ said: string; line: string }> {
  const { status, stdout: said, stderr } = await herd.agentctl('backup', operation, cluster, '--yes')
  expect(status, `${said}${stderr}`).toBe(1)
  expect(readdirSync(member.drillDirectory)).toEqual([])
  const line = await lastOfHistory(herd, operation)
  return { said, line }
}

test('a byte of a backup file flipped: verify and a drill fail as checksum, and verify names the file', async () => {
  const file = largestBackupFile(stored())
  await using stack = new AsyncDisposableStack()
  stack.use(flipByte(file))
  const verify = await found('verify')
  expect(verify.line).toContain('failed: checksum')
  expect(verify.said).toContain(basename(file))
  const drill = await found('drill')
  expect(drill.line).toContain('failed: checksum')
  expect(drill.said).toContain('a file of the repository is damaged, and verify tells which')
})

test('a byte of a segment flipped: verify and a drill fail as checksum and name it', async () => {
  const { file } = archivedSegments(stored()).find(({ name }) => name === middle)!
  await using stack = new AsyncDisposableStack()
  stack.use(flipByte(file))
  for (const operation of ['verify', 'drill'] as const) {
    const { said, line } = await found(operation)
    expect(line).toContain('failed: checksum')
    expect(said).toContain(middle)
  }
})

test('a segment removed: verify and a drill fail as archive-gap and name it, so does the list, and there are alerts', async () => {
  await using stack = new AsyncDisposableStack()
  stack.use(removeSegment(stored(), { name: middle }))
  for (const operation of ['verify', 'drill'] as const) {
    const { said, line } = await found(operation)
    expect(line).toContain('failed: archive-gap')
    expect(said).toContain(middle)
  }
  expect(await herd.succeed('backup', 'list', cluster)).toContain(`MISSING in the archive: ${middle}`)
  for (const alert of ['PgRepositoryGap', 'PgRestoreDrillFailed']) await untilAlert(herd, alert)
})

test('once all is there again verify and a drill are well', async () => {
  expect(await herd.succeed('backup', 'verify', cluster, '--yes')).toContain('All is well')
  expect(await herd.succeed('backup', 'drill', cluster, '--yes')).toMatch(/restored/i)
})
