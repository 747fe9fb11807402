import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { createPgBasebackup } from '../../../agent/backup/basebackup/pg-basebackup.ts'
import { corruptPage } from '../../../testbed/backup/faults.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { startPostgres, startStandby } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { mountSmallDisk } from '../../../testbed/small-disk.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { flipByteOf } from '../../agent/backup/basebackup/flip-byte-of.ts'
import { basebackupOf, never, ownDirectory } from '../../agent/backup/basebackup/basebackup-bed.ts'
import { drillBed, failureOf } from '../../agent/backup/drill/drill-bed.ts'

const owner = unprivilegedOwner()
const run = { signal: never }
const fill = `create table filler as select n, repeat(md5(n::text), 20) as text from generate_series(1, 60000) n`

function drillsOf(engine: ReturnType<typeof createPgBasebackup>, postgres: PostgresServer) {
  const drills = drillBed(engine, postgres)
  onTestFinished(() => drills[Symbol.dispose]())
  return drills
}

describe.each([13, 14, 15] as const)('a backup of PostgreSQL %i by pg_basebackup 15', (major) => {
  const tablespace = createOwnDirectory({ prefix: 'pgherd-tablespace-' }, owner)
  let postgres: PostgresServer
  beforeAll(async () => {
    postgres = await startPostgres({ major })
    await postgres.query(`create tablespace far location '${tablespace.path}'`)
    await postgres.query('create table distant tablespace far as select 1 as one')
  })
  afterAll(async () => {
    await postgres[Symbol.asyncDispose]()
    tablespace[Symbol.dispose]()
  })

  test.each(['latest', 'immediate'] as const)(
    'passes a drill to %s, whose tablespaces are apart from the live ones',
    async (target) => {
      const engine = basebackupOf(postgres, ownDirectory('basebackup'))
      await engine.prepare(run)
      await engine.backup('full', run)
      const before = readdirSync(tablespace.path, { recursive: true }).sort()
      const drills = drillsOf(engine, postgres)
      const sql = 'select count(*) = 1 from public.distant'

      const done = await drills.run({ target, queries: [{ database: 'postgres', what: 'tablespaces', sql }] })

      expect(done, done.message).toMatchObject({ problem: null })
      expect(readdirSync(tablespace.path, { recursive: true }).sort()).toEqual(before)
      expect(drills.left()).toEqual([])
    },
  )

  test('in which a byte has changed is found by verify and by a drill', async () => {
    const directory = ownDirectory('basebackup')
    const engine = basebackupOf(postgres, directory, { compression: { type: 'none', level: null } })
    await engine.prepare(run)
    const { label } = await engine.backup('full', run)
    flipByteOf(join(directory, label, 'base.tar'))

    expect((await engine.verify(run)).problems[0]).toMatchObject({ problem: 'checksum' })
    const drills = drillsOf(engine, postgres)
    expect(await failureOf(drills.run())).toMatchObject({ problem: 'checksum' })
    expect(drills.left()).toEqual([])
  })
})

describe('a run that goes wrong says why and leaves nothing half', () => {
  let postgres: PostgresServer
  beforeAll(async () => {
    postgres = await startPostgres({ major: 15, authentication: 'scram-sha-256' })
    await postgres.query(fill)
    await postgres.query(`create role copier login replication password 'right' in role pg_monitor`)
  })
  afterAll(() => postgres[Symbol.asyncDispose]())
  const way = () => ({ url: postgres.url('postgres', 'copier', 'right') })
  const slowly = { maxRate: 2 ** 22 }

  async function prepared(more: Parameters<typeof basebackupOf>[2] = {}) {
    const directory = ownDirectory('basebackup')
    const engine = basebackupOf(postgres, directory, { way: way(), ...more })
    await engine.prepare(run)
    return { directory, engine }
  }
  const halves = (directory: string) => readdirSync(directory).filter((name) => /^\d{8}/.test(name))

  test('without room', async () => {
    await using disk = await mountSmallDisk('8m', owner)
    const engine = basebackupOf(postgres, disk.path, {
      way: way(),
      compression: { type: 'none', level: null },
    })
    await engine.prepare(run)
    await expect(engine.backup('full', run)).rejects.toMatchObject({ problem: 'repository-full' })
    expect(halves(disk.path)).toEqual([])
  })

  test('when pg_basebackup is killed', async () => {
    const { engine, directory } = await prepared(slowly)
    const running = engine.backup('full', {
      ...run,
      onStarted: ({ pid }) => void process.kill(pid, 'SIGKILL'),
    })
    await expect(running).rejects.toMatchObject({
      problem: 'other',
      message: expect.stringContaining('SIGKILL') as string,
    })
    expect(halves(directory)).toEqual([])
  })

  test('when the server is restarted, and the next one is well', async () => {
    const { engine, directory } = await prepared(slowly)
    const begun = Promise.withResolvers<boolean>()
    const running = engine.backup('full', {
      ...run,
      progress(percent) {
        if (percent !== null && percent > 0) begun.resolve(true)
      },
    })
    running.catch(() => undefined)
    await begun.promise
    await postgres.stop('immediate')
    await expect(running).rejects.toMatchObject({ problem: 'server-unreachable' })
    expect(halves(directory)).toEqual([])
    await postgres.start()
    const quick = basebackupOf(postgres, directory, { way: way() })
    expect(await quick.backup('full', run)).toMatchObject({ errors: [] })
  })

  test('with a wrong password, which nobody is shown', async () => {
    const { directory } = await prepared()
    const wrong = basebackupOf(postgres, directory, {
      way: { url: postgres.url('postgres', 'copier', 'mistaken') },
    })
    const failure = await failureOf(wrong.backup('full', run))
    expect(failure).toMatchObject({ problem: 'configuration' })
    expect(failure.message).not.toContain('mistaken')
  })

  test('with a role that may not replicate', async () => {
    await postgres.query(`create role reader login password 'right' in role pg_monitor`)
    const reader = basebackupOf(postgres, ownDirectory('basebackup'), {
      way: { url: postgres.url('postgres', 'reader', 'right') },
    })
    expect(await failureOf(reader.prepare(run))).toMatchObject({
      problem: 'configuration',
      message: 'the role reader may not replicate: alter role reader replication',
    })
  })

  test('when it is cancelled', async () => {
    const { engine, directory } = await prepared(slowly)
    const cancel = new AbortController()
    const running = engine.backup('full', { signal: cancel.signal, onStarted: () => cancel.abort() })
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(halves(directory)).toEqual([])
  })
})

test('a standby is copied, and what is restored is a primary of its own', async () => {
  await using primary = await startPostgres({ major: 15 })
  await using standby = await startStandby(primary)
  const engine = basebackupOf(standby, ownDirectory('basebackup'))
  await engine.prepare(run)
  await engine.backup('full', run)
  const drills = drillsOf(engine, standby)
  const done = await drills.run()
  expect(done, done.message).toMatchObject({ problem: null })
})

test('pages that fail their checksum are told, and copied all the same', async () => {
  await using postgres = await startPostgres({ major: 15 })
  await postgres.query('create table bad as select generate_series(1, 1000) n')
  await using damage = await corruptPage(postgres, 'bad')
  const engine = basebackupOf(postgres, ownDirectory('basebackup'))
  await engine.prepare(run)

  const { errors } = await engine.backup('full', run)

  expect(errors.join()).toContain('checksum verification failed')
  expect((await engine.list(never)).sets).toMatchObject([{ hasErrors: true }])
  expect((await engine.verify(run)).problems).toEqual([])
  await damage.heal()
})

test('a server of a later version than pg_basebackup is refused with both versions', async () => {
  await using postgres = await startPostgres({ major: 18 })
  const engine = basebackupOf(postgres, ownDirectory('basebackup'))
  expect(await failureOf(engine.prepare(run))).toMatchObject({
    problem: 'version-mismatch',
    message: expect.stringMatching(/the server is PostgreSQL 18, and .* is of 15\./) as string,
  })
})
