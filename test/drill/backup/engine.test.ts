import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { RestoreRequest } from '../../../agent/backup/engine.ts'
import { corruptPage, fillDisk, freezeS3, removeSegment, stopS3 } from '../../../testbed/backup/faults.ts'
import { startArchivingPostgres } from '../../../testbed/backup/pgbackrest.ts'
import { startS3Server } from '../../../testbed/backup/s3/server.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { isAlive } from '../../../testbed/process-table.ts'
import { mountSmallDisk } from '../../../testbed/small-disk.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { writeOwned } from '../../../testbed/postgres-settings.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { engineOf, never } from '../../agent/backup/engine/engine-of.ts'

const owner = unprivilegedOwner()

function latestInto(name: string, more: Partial<RestoreRequest> = {}): RestoreRequest {
  const own = createOwnDirectory({ prefix: `pgherd-${name}-` }, owner)
  onTestFinished(() => own[Symbol.dispose]())
  return {
    directory: join(own.path, 'data'),
    target: { kind: 'latest' },
    isExclusive: false,
    action: 'promote',
    ...more,
  }
}

test('a repository without room fails a backup as that, and leaves no process', async () => {
  await using disk = await mountSmallDisk('60m', owner)
  await using lab = await startArchivingPostgres({ pgbenchScale: 1, repositories: [{ path: disk.path }] })
  await using engine = engineOf(lab)
  disk.fill(2_000_000)
  let pid = 0
  const running = engine.backup('full', { signal: never, onStarted: (started) => void (pid = started.pid) })
  await expect(running).rejects.toMatchObject({ problem: 'repository-full' })
  expect(isAlive(pid)).toBe(false)
  disk.empty()
  expect(await engine.backup('full', { signal: never })).toMatchObject({ errors: [] })
})

test('a scratch disk without room fails a restore as that', async () => {
  await using disk = await mountSmallDisk('20m', owner)
  await using lab = await startArchivingPostgres({ pgbenchScale: 1 })
  await using engine = engineOf(lab)
  await engine.backup('full', { signal: never })
  const asked = { ...latestInto('full'), directory: join(disk.path, 'data') }
  await expect(engine.restore(asked, { signal: never })).rejects.toMatchObject({ problem: 'scratch-full' })
})

test('an archive without room fails prepare as WAL that does not arrive', async () => {
  await using disk = await mountSmallDisk('60m', owner)
  await using lab = await startArchivingPostgres({
    repositories: [{ path: disk.path }],
    options: { 'archive-timeout': '5' },
  })
  await using engine = engineOf(lab)
  await using full = fillDisk(disk)
  await lab.postgres.query('create table filler as select generate_series(1, 100000) n')
  await expect(engine.prepare({ signal: never })).rejects.toMatchObject({ problem: 'archive-missing' })
  await full.heal()
  await expect(engine.prepare({ signal: never })).resolves.toBeUndefined()
})

describe('an object store that does not answer', () => {
  test('is a problem of its repository within a few timeouts, and the other one is listed', async () => {
    await using s3 = await startS3Server()
    await using lab = await startArchivingPostgres({
      repositories: [{}, { s3, cipherPass: 'a pass' }],
      options: { 'io-timeout': '1', 'protocol-timeout': '3' },
    })
    await using engine = engineOf(lab)
    const { label } = await engine.backup('full', { signal: never })
    await engine.backup('full', { signal: never, repository: 2 })
    for (const breakIt of [freezeS3, stopS3]) {
      await using broken = await breakIt(s3)
      const startedAt = performance.now()
      const { repositories, sets } = await engine.list(never)
      expect(repositories).toMatchObject([{ problem: null }, { problem: 'repository-unreachable' }])
      expect(sets.map((set) => set.label)).toEqual([label])
      expect(performance.now() - startedAt).toBeLessThan(15_000)
      await expect(engine.backup('incr', { signal: never, repository: 2 })).rejects.toMatchObject({
        problem: 'repository-unreachable',
      })
      expect((await engine.verify({ signal: never, repository: 2 })).problems).toMatchObject([
        { problem: 'repository-unreachable' },
      ])
      const hurried = engine.list(AbortSignal.timeout(500))
      await expect(hurried).rejects.toMatchObject({ problem: 'timed-out' })
      await broken.heal()
    }
    expect((await engine.list(never)).repositories.map(({ problem }) => problem)).toEqual([null, null])
  })
})

describe('two repositories with a backup each', () => {
  const start = async () => {
    const lab = await startArchivingPostgres({ repositories: [{}, { cipherPass: 'a pass' }] })
    const engine = engineOf(lab)
    onTestFinished(async () => {
      await engine[Symbol.asyncDispose]()
      await lab[Symbol.asyncDispose]()
    })
    const first = await engine.backup('full', { signal: never })
    const second = await engine.backup('full', { signal: never, repository: 2 })
    return { lab, engine, first, second }
  }
  let bed: Awaited<ReturnType<typeof start>>
  beforeEach(async () => {
    bed = await start()
  })

  test('are restored from the second one when the first has a gap', async () => {
    const { lab, engine, second } = bed
    const name = await lab.archive()
    await lab.archive()
    await using gap = removeSegment(lab, { name })
    const told: string[] = []
    const asked = latestInto('second')
    await engine.restore(asked, { signal: never, progress: (_, what) => told.push(what) })
    expect(told.at(-1)).toBe(`restores backup ${second.label}`)
    expect(existsSync(join(asked.directory, 'PG_VERSION'))).toBe(true)
    await gap.heal()
  })

  test('tell what would expire and leave it, and then do it', async () => {
    const { lab, engine, second } = bed
    const newer = await engine.backup('full', { signal: never, repository: 2 })
    lab.configure({ 'repo2-retention-full': '1' })
    const labels = async () =>
      (await engine.list(never)).sets.flatMap((set) => (set.repository === 2 ? set.label : []))
    const run = { signal: never, repository: 2 }
    expect(await engine.expire({ ...run, isDryRun: true })).toEqual([second.label])
    expect(await labels()).toEqual([second.label, newer.label])
    expect(await engine.expire({ ...run, isDryRun: false })).toEqual([second.label])
    expect(await labels()).toEqual([newer.label])
  })

  test('stay whole over a new timeline, whose server archives on', async () => {
    const { lab, engine } = bed
    await lab.archive()
    await using restored = await lab.restoreInto(undefined, { type: 'default' })
    // The old primary is gone; this one takes its place.
    await lab.postgres.stop()
    const command = `pgbackrest --config=${lab.configFile} --stanza=${lab.stanza} --pg1-path=${restored.dataDirectory} archive-push %p`
    const postgres = await restored.start({ archive_mode: 'on', archive_command: command })
    await waitFor('it to be promoted', async () => {
      const [row] = await postgres.query<{ open: boolean }>('select not pg_is_in_recovery() as open')
      return row?.open === true
    })
    await postgres.query(`create table after_promotion as select 1 as one`)
    await postgres.query('select pg_switch_wal()')
    await waitFor('the second timeline to be archived', async () => {
      const { repositories } = await engine.list(never)
      return repositories.every(({ segments }) => segments.some((name) => name.startsWith('00000002')))
    })
    const { repositories } = await engine.list(never)
    for (const { gaps, spans } of repositories) {
      expect(gaps).toEqual([])
      expect(spans.at(-1)).toMatchObject({ timeline: 2 })
    }
    expect((await engine.verify({ signal: never })).problems).toEqual([])
    const asked = latestInto('timeline')
    await engine.restore(asked, { signal: never })
    expect(readFileSync(join(asked.directory, 'postgresql.auto.conf'), 'utf8')).toContain(
      "recovery_target_timeline = '2'",
    )
  })
})

test('damaged pages are errors of the backup, and of every verification of it', async () => {
  await using lab = await startArchivingPostgres({ pgbenchScale: 1 })
  await using engine = engineOf(lab)
  await using page = await corruptPage(lab.postgres, 'pgbench_accounts')
  const { label, errors } = await engine.backup('full', { signal: never })
  expect(errors).toEqual([expect.stringMatching(/^invalid page checksum found in file \S+ at page 0$/)])
  expect((await engine.list(never)).sets).toMatchObject([{ label, hasErrors: true }])
  expect((await engine.verify({ signal: never })).problems).toEqual([
    {
      problem: 'checksum',
      text: expect.stringMatching(
        `^repository 1: backup ${label} has pages that failed their checksum on the server: base/`,
      ) as string,
    },
  ])
  await page.heal()
})

test('a restore puts tablespaces where it is told, and never where those of the server are', async () => {
  await using lab = await startArchivingPostgres()
  await using engine = engineOf(lab)
  using space = createOwnDirectory({ prefix: 'pgherd-space-' }, owner)
  await lab.postgres.query(`create tablespace elsewhere location '${space.path}'`)
  await lab.postgres.query('create table far tablespace elsewhere as select 1 as one')
  await engine.backup('full', { signal: never })
  await expect(engine.restore(latestInto('bare'), { signal: never })).rejects.toMatchObject({
    problem: 'other',
    message: expect.stringContaining('is not empty') as string,
  })
  const asked = latestInto('mapped')
  const tablespaceRoot = join(dirname(asked.directory), 'spaces')
  await engine.restore({ ...asked, tablespaceRoot }, { signal: never })
  const links = readdirSync(join(asked.directory, 'pg_tblspc')).map((name) =>
    readlinkSync(join(asked.directory, 'pg_tblspc', name)),
  )
  expect(links).toEqual([join(tablespaceRoot, 'elsewhere')])
})

test('a stanza of an older PostgreSQL is upgraded, where the server is known to be newer, and otherwise left alone', async () => {
  await using lab = await startArchivingPostgres()
  await using old = await startPostgres({ major: 14 })
  using repository = createOwnDirectory({ prefix: 'pgherd-upgraded-' }, owner)
  const swapServer = (from: PostgresServer, to: PostgresServer): void => {
    const text = readFileSync(lab.configFile, 'utf8')
      .replace(`pg1-path=${from.dataDirectory}`, `pg1-path=${to.dataDirectory}`)
      .replace(`pg1-port=${from.port}`, `pg1-port=${to.port}`)
      .replace(`pg1-socket-path=${from.socketDirectory}`, `pg1-socket-path=${to.socketDirectory}`)
    writeOwned(lab.configFile, text)
  }
  lab.configure({ 'repo1-path': repository.path })
  swapServer(lab.postgres, old)
  await lab.mustRun(['stanza-create'])
  swapServer(old, lab.postgres)
  for (const serverVersion of [undefined, () => Promise.resolve(14)]) {
    await using engine = engineOf(lab, serverVersion === undefined ? {} : { serverVersion })
    await expect(engine.prepare({ signal: never })).rejects.toMatchObject({
      problem: expect.stringMatching(/^(stanza|version)-mismatch$/) as string,
    })
  }
  await using engine = engineOf(lab, { serverVersion: () => Promise.resolve(15) })
  await engine.prepare({ signal: never })
  const { label } = await engine.backup('full', { signal: never })
  expect((await engine.list(never)).sets.map((set) => set.label)).toEqual([label])
})
