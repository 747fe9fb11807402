import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { BackupPolicy } from '../../../../common/backup/backup-policy.ts'
import type { BackupSet } from '../../../../common/backup/backup-report.ts'
import { createLog } from '../../../../common/log.ts'
import { BackupFailure } from '../../../../agent/backup/backup-failure.ts'
import type { BackupEngine, EngineBackup, EngineRun } from '../../../../agent/backup/engine.ts'
import { createClusterBackups } from '../../../../agent/backup/runs/cluster-backups.ts'
import type { LoadReadings } from '../../../../agent/backup/runs/held-back.ts'
import { openRunJournal } from '../../../../agent/backup/runs/run-journal.ts'
import { createManualClock } from '../../../manual-clock.ts'
import { healthOf, upstream } from './health-of.ts'

const log = createLog({ level: 'silent', program: 'test' })
const startMs = Date.parse('2026-11-27T01:00:00Z')
const closesMs = startMs + 30 * 60_000
const idle: LoadReadings = { loadPerCpu: 0, activeSessions: 0, lagBytes: 0, ioPressurePercent: 0 }

/** Members of one cluster that share a repository, each with a clock, a role and an engine that the test holds. */
async function startMember(
  repository: BackupSet[],
  over: { guard?: Partial<BackupPolicy['guard']>; retry?: Partial<BackupPolicy['retry']> } = {},
) {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-runs-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const clock = createManualClock(startMs)
  const journal = await openRunJournal(join(directory, 'runs.json'), log)
  const member = { health: healthOf(), load: idle, fails: [] as BackupFailure[], backups: 0 }
  let finish: (() => void) | undefined
  const engine: BackupEngine = {
    kind: 'pgbackrest',
    list: () =>
      Promise.resolve({ version: '2.45', repositories: [], sets: [...repository], systemIdentifier: '1' }),
    backup: (type, { signal }: EngineRun) =>
      new Promise<EngineBackup>((resolve, reject) => {
        const failure = member.fails.shift()
        if (failure !== undefined) {
          reject(failure)
          return
        }
        member.backups++
        signal.addEventListener('abort', () => reject(new BackupFailure('other', 'ended by a signal')))
        finish = () => {
          const label = `${member.backups}${type}`
          const startedMs = clock.now()
          const times = { startedMs, finishedMs: startedMs, walStart: null, walStop: null }
          const sizes = { sizeBytes: 1, storedBytes: 1 }
          repository.push({ label, type, repository: 1, ...times, ...sizes, hasErrors: false, needs: [] })
          resolve({ label, repository: 1, ...sizes, errors: [] })
        }
      }),
    verify: () => Promise.resolve({ problems: [], summary: '1 set' }),
    expire: () => Promise.resolve([]),
    prepare: () => Promise.resolve(),
    choose: () => Promise.reject(new BackupFailure('target-unreachable', 'none here')),
    restore: () => Promise.resolve(),
  }
  const guard = { loadPerCpu: null, activeSessions: null, lagBytes: null, ioPressurePercent: null }
  const policy = {
    cluster: 'pg-main',
    where: 'primary',
    fallbackAfterMs: 600_000,
    windowMs: closesMs - startMs,
    repositories: [{}],
    retry: { attempts: 3, firstMs: 30_000, longestMs: 600_000, ...over.retry },
    guard: { ...guard, ...over.guard },
  } as unknown as BackupPolicy
  const backups = createClusterBackups({
    policy,
    node: 'pg-main-1',
    engine,
    drill: () => Promise.reject(new BackupFailure('other', 'none here')),
    schedule: {
      open: (nowMs) => (nowMs < closesMs ? [{ operation: 'full', slotMs: startMs }] : []),
      closed: (afterMs, upToMs) =>
        afterMs < closesMs && closesMs <= upToMs ? [{ operation: 'full', slotMs: startMs }] : [],
    },
    journal,
    health: () => member.health,
    load: () => Promise.resolve(member.load),
    clock,
    log,
    onChange: () => undefined,
    random: () => 1,
  })
  const ending = new AbortController()
  const done = backups.run(ending.signal)
  onTestFinished(async () => {
    ending.abort()
    await done
  })
  /** Files are written in real time, so time passes in small steps until what is waited for is there. */
  const until = async (what: string, test: () => boolean, stepMs = 1_000): Promise<void> => {
    for (let i = 0; !test(); i++) {
      if (i > 2_000) throw new Error(`it never came: ${what}`)
      await clock.advance(stepMs)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  const ended = () => journal.runs().filter(({ outcome }) => outcome !== 'running')
  const stop = () => ending.abort()
  return { clock, journal, member, backups, until, ended, directory, stop, finish: () => finish?.() }
}

test('the backup of a slot is made once, and is on the disk before it begins and when it ends', async () => {
  const { member, until, ended, finish, directory, clock } = await startMember([])
  await until('it begins', () => member.backups === 1)
  expect(readFileSync(join(directory, 'runs.json'), 'utf8')).toContain('"outcome":"running"')
  finish()
  await until('it ends', () => ended().length === 1)
  expect(ended()[0]).toMatchObject({ outcome: 'done', label: '1full', slotMs: startMs, askedBy: 'schedule' })
  await clock.advance(3_600_000)
  expect(member.backups).toBe(1)
})

test('a member finds the slot answered that another has answered', async () => {
  const set: BackupSet = {
    ...{ label: 'F', type: 'full', repository: 1, startedMs: startMs, finishedMs: startMs },
    ...{ walStart: null, walStop: null, sizeBytes: 1, storedBytes: 1, hasErrors: false, needs: [] },
  }
  const { clock, member, journal } = await startMember([set])
  await clock.advance(3_600_000)
  expect([member.backups, journal.runs()]).toEqual([0, []])
})

const locked = () => new BackupFailure('locked', 'another member of the cluster runs a backup')
const made: BackupSet = {
  ...{ label: '1F', type: 'full', repository: 1, startedMs: startMs, finishedMs: startMs + 60_000 },
  ...{ walStart: null, walStop: null, sizeBytes: 1, storedBytes: 1, hasErrors: false, needs: [] },
}

test('who decides at the same moment is told that it is locked, and makes no second backup', async () => {
  const repository: BackupSet[] = []
  const { member, until, ended, clock } = await startMember(repository)
  member.fails.push(locked())
  await until('it was told', () => member.fails.length === 0)
  repository.push(made)
  await until('it ends', () => ended().length === 1)
  expect(ended()[0]).toMatchObject({
    outcome: 'elsewhere',
    problem: null,
    message: 'another member has made backup 1F meanwhile',
  })
  await clock.advance(3_600_000)
  expect([member.backups, ended().length]).toEqual([0, 1])
})

test('a backup that is listed only after its lock was free ends the second one that was begun in between', async () => {
  const repository: BackupSet[] = []
  const { member, until, ended } = await startMember(repository)
  member.fails.push(locked())
  await until('the lock is free, and it begins', () => member.backups === 1)
  repository.push(made)
  await until('it ends', () => ended().length === 1)
  expect(ended()[0]).toMatchObject({ outcome: 'elsewhere', label: null })
})

test('a backup of another member is waited for longer than other failures are tried again, and made if it comes to nothing', async () => {
  const { member, until, ended, finish } = await startMember([])
  member.fails.push(...Array.from({ length: 5 }, locked))
  await until('it begins', () => member.backups === 1, 10_000)
  finish()
  await until('it ends', () => ended().length === 1)
  expect(ended()[0]).toMatchObject({ outcome: 'done', attempts: 6 })
})

test('it is waited for until the window is over, and then told', async () => {
  const { member, until, ended } = await startMember([])
  member.fails.push(...Array.from({ length: 50 }, locked))
  await until('it ends', () => ended().length === 1, 60_000)
  expect(ended()[0]).toMatchObject({ outcome: 'failed', problem: 'locked' })
})

test('what may pass is tried again, and the attempts are told', async () => {
  const { member, until, ended, finish } = await startMember([])
  member.fails.push(new BackupFailure('repository-unreachable', 'S3 is away'))
  await until('it begins', () => member.backups === 1)
  finish()
  await until('it ends', () => ended().length === 1)
  expect(ended()[0]).toMatchObject({ outcome: 'done', attempts: 2 })
})

test('what does not pass in all attempts fails with their number, and no moment is answered twice', async () => {
  const { clock, member, until, ended } = await startMember([])
  member.fails.push(
    ...Array.from({ length: 5 }, () => new BackupFailure('repository-unreachable', 'S3 is away')),
  )
  await until('it ends', () => ended().length === 1)
  expect(ended()[0]).toMatchObject({
    outcome: 'failed',
    problem: 'repository-unreachable',
    attempts: 3,
    message: 'S3 is away (3 attempts)',
  })
  await clock.advance(3_600_000)
  expect([ended().length, member.fails.length]).toEqual([1, 2])
})

test('nothing is tried again once the window is over', async () => {
  const { member, until, ended } = await startMember([], { retry: { attempts: 100 } })
  member.fails.push(...Array.from({ length: 100 }, () => new BackupFailure('timed-out', 'it took too long')))
  await until('it ends', () => ended().length === 1, 10_000)
  // 0, 30, 90, 210, 450, 930 and 1,530 s after the moment. The next would be at 2,130 s, after 1,800.
  expect(100 - member.fails.length).toBeGreaterThan(2)
  expect(100 - member.fails.length).toBeLessThanOrEqual(7)
  expect(ended()[0]).toMatchObject({ outcome: 'failed', problem: 'timed-out' })
})

test('what does not pass by itself ends the run at once, with its class', async () => {
  const { member, until, ended } = await startMember([])
  member.fails.push(new BackupFailure('cipher', 'the pass is another'))
  await until('it ends', () => ended().length === 1)
  expect(ended()[0]).toMatchObject({
    outcome: 'failed',
    problem: 'cipher',
    attempts: 1,
    message: 'the pass is another',
  })
})

test('a failover in the middle ends the run, and the slot stays open for whoever is primary', async () => {
  const { member, until, ended, finish } = await startMember([])
  await until('it begins', () => member.backups === 1)
  member.health = healthOf({ role: 'standby', timeline: 2, upstream: upstream() })
  await until('it ends', () => ended().length === 1)
  expect(ended()[0]).toMatchObject({ outcome: 'failed', problem: 'failover' })
  member.health = healthOf({ timeline: 3 })
  await until('it begins again', () => member.backups === 2)
  finish()
  await until('it ends well', () => ended().length === 2)
  expect(ended()[1]).toMatchObject({ outcome: 'done' })
})

test('a busy server holds it back until it is not busy any more', async () => {
  const { clock, member, until } = await startMember([], { guard: { activeSessions: 50 } })
  member.load = { ...idle, activeSessions: 51 }
  await clock.advance(600_000)
  expect(member.backups).toBe(0)
  member.load = { ...idle, activeSessions: 50 }
  await until('it begins', () => member.backups === 1)
})

test('a second run beside one that is under way is refused', async () => {
  const { member, until, backups } = await startMember([])
  await until('it begins', () => member.backups === 1)
  const asked = { askedBy: 'c1', signal: new AbortController().signal, progress: () => undefined }
  await expect(backups.ask('verify', asked)).rejects.toMatchObject({ problem: 'locked' })
})

test('a repository that the policy does not have is refused, and is no run that failed', async () => {
  const { backups, ended, finish, member, until } = await startMember([])
  await until('the slot is answered', () => member.backups === 1)
  finish()
  await until('it ends', () => ended().length === 1)
  const asked = { askedBy: 'c1', signal: new AbortController().signal, progress: () => undefined }
  await expect(backups.ask('full', { ...asked, repository: 9 })).rejects.toThrow(
    'there is no repository 9; allowed: 1',
  )
  expect(ended()).toHaveLength(1)
})

test('a slot that could not begin in its window is missed, once, with what held it back', async () => {
  const { clock, member, until, ended } = await startMember([], { guard: { activeSessions: 50 } })
  member.load = { ...idle, activeSessions: 51 }
  await until('it is told', () => ended().length === 1, 60_000)
  expect(clock.now()).toBeGreaterThanOrEqual(closesMs)
  expect(ended()[0]).toMatchObject({ outcome: 'missed', problem: 'held-back', slotMs: startMs })
  await clock.advance(3_600_000)
  expect([ended().length, member.backups]).toEqual([1, 0])
})

test('a slot in whose window the server was down is missed, which is told once it is a primary again', async () => {
  const { clock, member, until, ended } = await startMember([])
  member.health = healthOf({ state: 'down', reason: 'nobody listens' })
  await until('the window is over', () => clock.now() > closesMs + 60_000, 10_000)
  expect(ended()).toEqual([])
  member.health = healthOf()
  await until('it is told', () => ended().length === 1)
  expect(ended()[0]).toMatchObject({
    outcome: 'missed',
    problem: 'server-unreachable',
    message: expect.stringMatching(/ was missed: the server is down: nobody listens$/) as string,
  })
})

test('a standby tells no missed slot: the primary does', async () => {
  const { clock, member, ended } = await startMember([])
  member.health = healthOf({ role: 'standby', upstream: upstream() })
  await clock.advance(3_600_000)
  expect(ended()).toEqual([])
})

test('a run that the end of the agent breaks off leaves its slot open', async () => {
  const { member, until, ended, stop } = await startMember([])
  await until('it begins', () => member.backups === 1)
  stop()
  await until('it ends', () => ended().length === 1)
  expect(ended()[0]).toMatchObject({ outcome: 'interrupted' })
})

test('a run by hand that is cancelled is cancelled', async () => {
  const { clock, member, until, ended, backups, finish } = await startMember([])
  await until('the slot is answered', () => member.backups === 1)
  finish()
  await until('it ends', () => ended().length === 1)
  const cancel = new AbortController()
  const asked = { askedBy: 'c1', signal: cancel.signal, progress: () => undefined }
  const run = backups.ask('incr', asked)
  await until('it begins', () => member.backups === 2)
  cancel.abort()
  await clock.advance(1_000)
  expect(await run).toMatchObject({ outcome: 'cancelled', askedBy: 'c1' })
})
