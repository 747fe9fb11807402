import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type {
  BackupEngine,
  EngineBackup,
  RecoveryTarget,
  RestoreRequest,
} from '../../../../agent/backup/engine.ts'
import { changeCipherPass, flipByte, removeSegment } from '../../../../testbed/backup/faults.ts'
import { startArchivingPostgres } from '../../../../testbed/backup/pgbackrest.ts'
import type { ArchivingPostgres } from '../../../../testbed/backup/pgbackrest.ts'
import { largestBackupFile } from '../../../../testbed/backup/repository-files.ts'
import type { Fault } from '../../../../testbed/fault.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { isAlive } from '../../../../testbed/process-table.ts'
import { unprivilegedOwner } from '../../../../testbed/unprivileged.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { engineOf, never } from './engine-of.ts'

/** Two repositories, the second one encrypted; a full backup in each, and WAL behind. */
let lab: ArchivingPostgres
let engine: BackupEngine & AsyncDisposable
let first: EngineBackup
let second: EngineBackup
let afterBackupsMs: number
let lastSegment: string
let middleSegment: string
const stack = new AsyncDisposableStack()

beforeAll(async () => {
  lab = stack.use(
    await startArchivingPostgres({
      repositories: [{}, { cipherPass: 'open, sesame' }],
      // Which makes far fewer files.
      options: { 'repo1-bundle': 'y', 'repo2-bundle': 'y' },
    }),
  )
  engine = stack.use(
    engineOf(lab, {
      repositories: lab.repositories.map(({ key, path }) => ({
        ...{ repository: key, where: path, directory: path, isEncrypted: key === 2 },
      })),
    }),
  )
  first = await engine.backup('full', { signal: never })
  second = await engine.backup('full', { signal: never, repository: 2 })
  await lab.postgres.query('create table kept as select 1 as one')
  afterBackupsMs = Date.now() + 1000
  await waitFor('the second of the backups to be over', () => Date.now() > afterBackupsMs + 100)
  middleSegment = await lab.archive()
  lastSegment = await lab.archive()
})

afterAll(() => stack.disposeAsync())

const healAfterwards = (damage: Fault): void => onTestFinished(() => damage.heal())

const listed = async (repository = 1) => {
  const listing = await engineOf(lab).list(never)
  return listing.repositories.find((one) => one.repository === repository)!
}

describe('a backup', () => {
  test('is told with its label, its repository and its sizes', () => {
    expect(first).toMatchObject({
      label: expect.stringMatching(/^\d{8}-\d{6}F$/) as string,
      repository: 1,
      errors: [],
    })
    expect(first.sizeBytes).toBeGreaterThan(first.storedBytes)
    expect(second.repository).toBe(2)
  })

  test('tells how far it is, and its process while it runs, and leaves none', async () => {
    const percents: (number | null)[] = []
    let pid = 0
    let wasAlive = false
    const { label } = await engine.backup('incr', {
      signal: never,
      progress: (percent) => percents.push(percent),
      onStarted(started) {
        pid = started.pid
        wasAlive = isAlive(pid)
      },
    })
    expect(label).toMatch(new RegExp(`^${first.label}_\\d{8}-\\d{6}I$`))
    expect(percents.at(0)).toBe(0)
    expect(percents.length).toBeGreaterThan(1)
    expect([wasAlive, isAlive(pid)]).toEqual([true, false])
  })

  test('beside another one is locked, and a cancelled one leaves neither process nor lock', async () => {
    const abort = new AbortController()
    let pid = 0
    const holding = engine.backup('full', {
      signal: abort.signal,
      onStarted: (started) => void (pid = started.pid),
    })
    holding.catch(() => undefined)
    const lock = join(lab.directory, 'lock', `${lab.stanza}-backup.lock`)
    await waitFor(
      'the backup to hold its lock',
      () => existsSync(lock) && readFileSync(lock, 'utf8').includes('pid'),
    )
    await expect(engine.backup('full', { signal: never })).rejects.toMatchObject({ problem: 'locked' })
    abort.abort()
    await expect(holding).rejects.toMatchObject({ code: 'CANCELLED' })
    expect([isAlive(pid), existsSync(lock)]).toEqual([false, false])
  })
})

describe('a listing', () => {
  test('has both repositories with their backups, system, segments and sizes', async () => {
    const listing = await engine.list(never)
    const [{ id } = { id: '' }] = await lab.postgres.query<{ id: string }>(
      'select system_identifier::text as id from pg_control_system()',
    )
    expect(listing).toMatchObject({
      version: expect.stringMatching(/^2\.\d+/) as string,
      systemIdentifier: id,
    })
    expect(listing.sets.map(({ label }) => label)).toEqual(
      expect.arrayContaining([first.label, second.label]),
    )
    for (const one of listing.repositories) {
      const own = listing.sets.find(({ repository }) => repository === one.repository)!
      // The second in which it ended is over.
      const fromMs = own.finishedMs + 1000
      expect(one).toMatchObject({ problem: null, isEncrypted: one.repository === 2, gaps: [] })
      expect(one.segments).toContain(lastSegment)
      expect(one.sizeBytes).toBeGreaterThan(1_000_000)
      expect(one.freeBytes).toBeGreaterThan(0)
      expect(one.spans).toEqual([{ fromMs, toMs: Math.max(fromMs, one.archivedMs ?? 0), timeline: 1 }])
    }
  })

  test('sees new WAL the next time, in directories that were listed before', async () => {
    const name = await lab.archive()
    const { repositories } = await engine.list(never)
    expect(repositories.every(({ segments }) => segments.includes(name))).toBe(true)
  })

  test('says of a repository with another pass that it cannot be decrypted, and lists the other one', async () => {
    healAfterwards(changeCipherPass(lab, lab.repositories[1]))
    const listing = await engine.list(never)
    expect(listing.repositories.map(({ problem }) => problem)).toEqual([null, 'cipher'])
    expect(listing.sets.map(({ label }) => label)).toContain(first.label)
  })

  test('of a program that is not installed is the problem of each repository', async () => {
    const repositories = [{ repository: 1, where: 'here', directory: null, isEncrypted: false }]
    await using broken = engineOf(lab, { command: ['/nowhere/pgbackrest'], repositories })
    expect(await broken.list(never)).toMatchObject({
      repositories: [
        {
          where: 'here',
          problem: 'configuration',
          reason: expect.stringContaining('install pgBackRest') as string,
        },
      ],
    })
  })
})

describe('a verification', () => {
  test('of sound repositories finds nothing, and says what it looked at', async () => {
    const { problems, summary } = await engine.verify({ signal: never })
    expect(problems).toEqual([])
    expect(summary).toMatch(/^repository 1: \d+ backups with \d+ files, \d+ segments of WAL; repository 2: /)
  })

  test('finds a segment that is missing in the middle, which pgBackRest does not', async () => {
    await using damage = removeSegment(lab, { name: middleSegment })
    const run = await lab.run(['verify', '--output=text', '--verbose'])
    expect(run.stdout).toContain('status: ok')
    const { problems } = await engine.verify({ signal: never, repository: 1 })
    expect(problems).toEqual([
      { problem: 'archive-gap', text: `repository 1: a segment of WAL is missing: ${middleSegment}` },
    ])
    const { gaps, spans } = await listed()
    expect(gaps).toEqual([damage.segment.name])
    expect(spans).toHaveLength(2)
  })

  test('finds a byte that changed in a backup, with the name of its file', async () => {
    healAfterwards(flipByte(largestBackupFile(lab)))
    const { problems } = await engine.verify({ signal: never, repository: 1 })
    expect(problems[0]).toMatchObject({
      problem: 'checksum',
      text: expect.stringMatching(/invalid checksum '\S+\/pg_data\/\S+'/) as string,
    })
  })
})

describe('a restore', () => {
  const request = (target: RecoveryTarget, more: Partial<RestoreRequest> = {}): RestoreRequest => {
    const owner = unprivilegedOwner()
    const own = createOwnDirectory({ prefix: 'pgherd-engine-' }, owner)
    onTestFinished(() => own[Symbol.dispose]())
    return { directory: join(own.path, 'data'), target, isExclusive: false, action: 'promote', ...more }
  }
  const at = (atMs: number): RecoveryTarget => ({ kind: 'time', atMs, text: new Date(atMs).toISOString() })

  /** In the first repository, so that not even its newest backup leads to the end. */
  const gapBehindBackups = async () => {
    const name = await lab.archive()
    await lab.archive()
    return removeSegment(lab, { name })
  }

  test('to a time fills a directory that recovers there, along the timeline that was looked at, without archiving', async () => {
    const asked = request(at(afterBackupsMs))
    await engine.restore(asked, { signal: never })
    const settings = readFileSync(join(asked.directory, 'postgresql.auto.conf'), 'utf8')
    expect(settings).toContain(
      `recovery_target_time = '${new Date(afterBackupsMs).toISOString().replace('T', ' ').replace('Z', '+00')}'`,
    )
    expect(settings).toContain("recovery_target_timeline = '1'")
    expect(settings).toContain("archive_mode = 'off'")
    expect(settings).toContain("recovery_target_action = 'promote'")
  })

  test.each([
    ['in the future', () => at(Date.now() + 3_600_000), /is in the future/],
    [
      'before the first backup',
      () => at(Date.parse('2020-01-01T00:00:00Z')),
      /is before the end of the first backup, \d/,
    ],
    [
      'behind the archive',
      () => ({ kind: 'lsn', value: '7F/0' }) as const,
      /no backup leads to position 7F\/0/,
    ],
  ])('to a point %s is refused before anything is touched', async (_, target, message) => {
    const asked = request(target())
    await expect(engine.restore(asked, { signal: never })).rejects.toMatchObject({
      problem: 'target-unreachable',
      message: expect.stringMatching(message) as string,
    })
    expect(existsSync(asked.directory)).toBe(false)
  })

  test('begins with the newest backup of all repositories that leads there, or of the one that is named', async () => {
    const choose = (target: RecoveryTarget, repository?: number) =>
      engine.choose({ target }, { signal: never, ...(repository === undefined ? {} : { repository }) })
    const before = at(afterBackupsMs)
    expect(await choose(before)).toMatchObject({ repository: 2, label: second.label })
    expect(await choose(before, 1)).toMatchObject({ repository: 1, label: first.label })
    await using gap = await gapBehindBackups()
    expect(gap.segment.name).toMatch(/^[0-9A-F]{24}$/)
    expect(await choose({ kind: 'latest' })).toMatchObject({ repository: 2, label: second.label })
  })

  test('to the end of the log behind a gap is refused, with the segment that is missing', async () => {
    await using gap = await gapBehindBackups()
    const asked = request({ kind: 'latest' })
    await expect(engine.restore(asked, { signal: never, repository: 1 })).rejects.toMatchObject({
      problem: 'archive-gap',
      message: expect.stringContaining(gap.segment.name) as string,
    })
    expect(existsSync(asked.directory)).toBe(false)
  })

  test('into a directory with files is refused, and leaves them', async () => {
    const asked = request({ kind: 'immediate' })
    mkdirSync(join(asked.directory, 'something'), { recursive: true })
    await expect(engine.restore(asked, { signal: never })).rejects.toThrow('is not empty')
    expect(readdirSync(asked.directory)).toEqual(['something'])
  })
})
