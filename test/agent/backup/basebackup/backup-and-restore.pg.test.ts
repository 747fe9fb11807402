import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BackupFailure } from '../../../../agent/backup/backup-failure.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { basebackupOf, never, ownDirectory } from './basebackup-bed.ts'

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await startPostgres({ major: 15 })
})
afterAll(() => postgres[Symbol.asyncDispose]())

const run = { signal: never }

async function prepared(more: Parameters<typeof basebackupOf>[2] = {}) {
  const directory = ownDirectory('basebackup')
  const engine = basebackupOf(postgres, directory, more)
  await engine.prepare(run)
  return { directory, engine }
}

test('a backup is listed with what it needs, told of in percent, and is whole', async () => {
  const { engine, directory } = await prepared()
  const percents: (number | null)[] = []

  const made = await engine.backup('full', { ...run, progress: (percent) => percents.push(percent) })

  const listing = await engine.list(never)
  const [id] = await postgres.query<{ id: string }>(
    'select system_identifier::text id from pg_control_system()',
  )
  expect(listing.systemIdentifier).toBe(id?.id)
  expect(listing.repositories).toMatchObject([{ problem: null, reason: '', where: directory }])
  expect(listing.sets).toMatchObject([
    { label: made.label, type: 'full', hasErrors: false, sizeBytes: made.sizeBytes, needs: [] },
  ])
  expect(made.label).toMatch(/^\d{8}-\d{6}F$/)
  expect(made.errors).toEqual([])
  expect(percents.at(-1)).toBe(100)
  expect(await engine.verify(run)).toMatchObject({ problems: [] })
})

test.each(['none', 'gz', 'zst'] as const)('compressed by %s it is verified and restored', async (type) => {
  const { engine } = await prepared({ compression: { type, level: null } })
  await engine.backup('full', run)
  expect((await engine.verify(run)).problems).toEqual([])
  const directory = join(ownDirectory('restored'), 'data')

  await engine.restore({ directory, target: { kind: 'immediate' }, isExclusive: false, action: 'pause' }, run)

  expect(readFileSync(join(directory, 'PG_VERSION'), 'utf8')).toBe('15\n')
  expect(existsSync(join(directory, 'recovery.signal'))).toBe(true)
  const settings = readFileSync(join(directory, 'postgresql.auto.conf'), 'utf8')
  expect(settings).toContain(
    `recovery_target = 'immediate'\nrecovery_target_action = 'pause'\narchive_mode = 'off'`,
  )
})

test('a point between two backups is refused before anything is touched', async () => {
  const { engine } = await prepared()
  await engine.backup('full', run)
  const directory = join(ownDirectory('restored'), 'data')
  const target = { kind: 'name', value: 'before_it' } as const

  const restoring = engine.restore({ directory, target, isExclusive: false, action: 'promote' }, run)

  await expect(restoring).rejects.toMatchObject({
    problem: 'target-unreachable',
    message: expect.stringContaining('pg_basebackup archives no log') as string,
  })
  expect(existsSync(directory)).toBe(false)
})

test('one after the other go by the retention, and a dry run only tells', async () => {
  const { engine, directory } = await prepared()
  const first = await engine.backup('full', run)
  const second = await engine.backup('full', run)
  const strict = basebackupOf(postgres, directory, {
    retention: { full: { kind: 'count', value: 1 }, diff: null },
  })
  const labels = async () => (await engine.list(never)).sets.map(({ label }) => label)

  expect(await strict.expire({ ...run, isDryRun: true })).toEqual([first.label])
  expect(await labels()).toEqual([first.label, second.label])
  const third = await engine.backup('full', run)
  expect(await labels()).toEqual([second.label, third.label])
  expect(await strict.expire({ ...run, isDryRun: false })).toEqual([second.label])
  expect(await labels()).toEqual([third.label])
})

test('what a dead run has left is told, and removed by the next one', async () => {
  const { engine, directory } = await prepared()
  mkdirSync(join(directory, '20260101-000000F.partial'))
  expect((await engine.list(never)).repositories[0]?.reason).toContain('20260101-000000F.partial')

  await engine.backup('full', run)

  expect(readdirSync(directory).filter((name) => name.endsWith('.partial'))).toEqual([])
})

test('two at a time: the second is told that it is locked', async () => {
  const { engine, directory } = await prepared({ maxRate: 2 ** 24 })
  const other = basebackupOf(postgres, directory)
  const started = Promise.withResolvers<boolean>()
  const first = engine.backup('full', { ...run, onStarted: () => started.resolve(true) })
  await started.promise
  await expect(other.backup('full', run)).rejects.toMatchObject({ problem: 'locked' })
  await first
})

test('a directory that was never prepared is none, so that a missing mount is not written over', async () => {
  const directory = ownDirectory('basebackup')
  const engine = basebackupOf(postgres, directory)
  await expect(engine.backup('full', run)).rejects.toMatchObject({ problem: 'stanza-missing' })
  expect((await engine.list(never)).repositories).toMatchObject([{ problem: 'stanza-missing' }])
  writeFileSync(join(directory, 'letter'), '')
  await expect(engine.prepare(run)).rejects.toMatchObject({
    problem: 'configuration',
    message: expect.stringContaining('letter') as string,
  })
})

test('a directory that is missing is made for who copies, and none above it', async () => {
  const parent = ownDirectory('basebackup')
  const engine = basebackupOf(postgres, join(parent, 'pg-main'))
  await engine.prepare(run)
  expect(await engine.backup('full', run)).toMatchObject({ errors: [] })

  const deeper = basebackupOf(postgres, join(parent, 'mnt', 'pg-main'))
  await expect(deeper.prepare(run)).rejects.toMatchObject({ problem: 'configuration' })
  expect(existsSync(join(parent, 'mnt'))).toBe(false)
})

test.each(['diff', 'incr'] as const)('a backup of kind %s is refused', async (type) => {
  const { engine } = await prepared()
  await expect(engine.backup(type, run)).rejects.toMatchObject({ problem: 'configuration' })
})

test('a file that is missing in an archive, or a log that is gone, is found', async () => {
  const { engine, directory } = await prepared()
  const { label } = await engine.backup('full', run)
  rmSync(join(directory, label, 'pg_wal.tar.gz'))
  const failure = { problem: 'checksum', text: `${label}: pg_wal.tar.gz, the log, is missing` }
  expect((await engine.verify(run)).problems).toEqual([failure])
  rmSync(join(directory, label, 'base.tar.gz'))
  expect((await engine.verify(run)).problems.length).toBeGreaterThan(1)
  const request = {
    directory: join(ownDirectory('restored'), 'data'),
    target: { kind: 'latest' },
    isExclusive: false,
    action: 'promote',
  } as const
  await expect(engine.restore(request, run)).rejects.toMatchObject({
    problem: 'checksum',
  } satisfies Partial<BackupFailure>)
})
