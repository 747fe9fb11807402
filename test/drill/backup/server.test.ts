import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { movableClock } from '../../../testbed/backup/movable-clock.ts'
import { startArchivingPostgres } from '../../../testbed/backup/pgbackrest.ts'
import type { ArchivingPostgres } from '../../../testbed/backup/pgbackrest.ts'
import type { RestoreTarget } from '../../../testbed/backup/restore.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { childrenOf, isAlive } from '../../../testbed/process-table.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { keepFixture, outcomeOf, summary } from './outcome.ts'

let lab: ArchivingPostgres
let runs = 0
beforeAll(async () => {
  // Slow enough to be caught in the middle of a backup.
  lab = await startArchivingPostgres({
    pgbenchScale: 3,
    options: { 'compress-type': 'gz', 'compress-level': '9', 'process-max': '1' },
  })
  const before = await outcomeOf(lab, ['info', '--output=json'], 'info-no-backup')
  expect(before.stdout).toContain('"code":2,"message":"no valid backups"')
  expect(await outcomeOf(lab, ['backup', '--type=full'])).toMatchObject({ status: 0, says: [] })
  await lab.archive()
})
afterAll(() => lab[Symbol.asyncDispose]())

/** A full backup that has begun to send files. */
async function backupUnderWay() {
  const logFile = `${lab.directory}/backup-${++runs}.log`
  const backup = await lab.spawn(['backup', '--type=full', '--log-level-console=detail'], logFile)
  await backup.waitFor('files to be sent', () => backup.logTail(400).includes('backup file'), 30_000)
  return backup
}

describe('a backup under way', () => {
  test('tells its progress in its own words, and info that the lock is held', async () => {
    await using backup = await backupUnderWay()
    const info = await outcomeOf(lab, ['info', '--output=json'], 'info-backup-running')
    expect(info.stdout).toContain('"lock":{"backup":{"held":true}}')
    expect(backup.logTail(400)).toMatch(
      / DETAIL: backup file \S+ \(\S+, \d+(\.\d+)?%\) checksum [0-9a-f]{40}/,
    )
    expect(await backup.exited).toBe(0)
    keepFixture(
      lab,
      ['backup', '--type=full', '--log-level-console=detail'],
      { status: 0, startError: undefined, ms: 0, stdout: readFileSync(backup.logFile, 'utf8'), stderr: '' },
      'backup-detail',
    )
  })

  test('keeps out a second one, and expire', async () => {
    await using backup = await backupUnderWay()
    for (const command of ['backup', 'expire', 'stanza-create']) {
      expect(await outcomeOf(lab, [command], `${command}-locked`)).toMatchObject({
        status: 50,
        says: [
          `ERROR: [050]: unable to acquire lock on file 'backup/lock/pg-main-backup.lock': Resource temporarily unavailable`,
        ],
      })
    }
    expect(await backup.exited).toBe(0)
  })

  test('that gets SIGTERM ends with 63; the next one resumes it', async () => {
    await using backup = await backupUnderWay()
    backup.signal('SIGTERM')
    expect(await backup.exited).toBe(63)
    expect(backup.logTail(400)).toMatch(
      /ERROR: \[063\]: terminated on signal \[SIGTERM\]|INFO: backup command end: terminated on signal \[SIGTERM\]/,
    )
    const next = await outcomeOf(lab, ['backup', '--type=full'])
    expect(next).toMatchObject({ status: 0, says: [expect.stringMatching(/^WARN: resumable backup /)] })
  })

  test('that is killed leaves a worker with the lock, until that has done its file; the next one resumes it', async () => {
    await using backup = await backupUnderWay()
    const workers = childrenOf(backup.pid)
    expect(workers.length).toBeGreaterThan(0)
    await backup.stop('SIGKILL')
    const held = '"lock":{"backup":{"held":true}}'
    if (workers.some(isAlive)) expect(await lab.info()).toContain(held)
    await waitFor('the workers to end', () => !workers.some(isAlive), { timeoutMs: 60_000 })
    expect(await lab.info()).not.toContain(held)
    const next = await outcomeOf(lab, ['backup', '--type=full'])
    expect(next).toMatchObject({ status: 0, says: [expect.stringMatching(/^WARN: resumable backup /)] })
  })

  test('whose server ends in the middle ends as well', async () => {
    await using backup = await backupUnderWay()
    await lab.postgres.stop('immediate')
    const status = await backup.exited
    expect(status).toBe(57)
    expect(backup.logTail(400)).toMatch(/ERROR: \[057\]: unable to execute query /)
    keepFixture(
      lab,
      ['backup', '--type=full', '--log-level-console=detail'],
      {
        status: status ?? -1,
        startError: undefined,
        ms: 0,
        stdout: readFileSync(backup.logFile, 'utf8'),
        stderr: '',
      },
      'backup-server-ended',
    )
    await lab.postgres.start()
    const next = await outcomeOf(lab, ['backup', '--type=full'])
    expect(next.status).toBe(0)
  })
})

describe('a server that is down', () => {
  test('is no primary for a backup, no database for check, and nothing to info', async () => {
    await lab.postgres.stop()
    const backup = await outcomeOf(lab, ['backup'], 'backup-server-down')
    const check = await outcomeOf(lab, ['check'], 'check-server-down')
    const info = await outcomeOf(lab, ['info', '--output=json'])
    await lab.postgres.start()
    const cannot: unknown = expect.stringMatching(/^WARN: unable to check pg1: \[DbConnectError\]/)
    expect(backup).toMatchObject({
      status: 56,
      says: [cannot, 'ERROR: [056]: unable to find primary cluster - cannot proceed'],
    })
    expect(check).toMatchObject({ status: 27, says: [cannot, 'ERROR: [027]: no database found'] })
    expect(info.stdout).toContain('"message":"ok"}}]')
  })
})

describe('another server than the stanza is of', () => {
  test('of another version, is a mismatch to backup, check and stanza-create', async () => {
    await using other = await startPostgres({
      major: 14,
      settings: { archive_mode: 'on', archive_command: 'true pgbackrest' },
    })
    const there = [
      `--pg1-path=${other.dataDirectory}`,
      `--pg1-port=${other.port}`,
      `--pg1-socket-path=${other.socketDirectory}`,
    ]
    for (const [command, status] of [
      ['backup', 51],
      ['check', 28],
      ['stanza-create', 28],
    ] as const) {
      const outcome = await outcomeOf(lab, [command, ...there], `${command}-other-version`)
      expect(outcome.status).toBe(status)
    }
  })

  test('of a version that pgBackRest does not know, is a server that is not there', async () => {
    await using other = await startPostgres({ major: 16 })
    const there = [
      `--pg1-path=${other.dataDirectory}`,
      `--pg1-port=${other.port}`,
      `--pg1-socket-path=${other.socketDirectory}`,
    ]
    const warning: unknown = expect.stringMatching(/^WARN: unable to check pg1: \[VersionNotSupportedError\]/)
    expect(await outcomeOf(lab, ['backup', ...there], 'backup-unknown-version')).toMatchObject({
      status: 56,
      says: [warning, expect.stringMatching(/^ERROR: \[056\]: /)],
    })
    expect(await outcomeOf(lab, ['check', ...there], 'check-unknown-version')).toMatchObject({
      status: 27,
      says: [warning, expect.stringMatching(/^ERROR: \[027\]: /)],
    })
  })
})

describe('options', () => {
  test.each([
    ['an unknown one', ['--nonsense=1'], 31, `ERROR: [031]: invalid option '--nonsense=1'`],
    ['a wrong value', ['--type=nonsense'], 32, `ERROR: [032]: 'nonsense' is not allowed for 'type' option`],
  ])('%s is refused', async (_, more, status, says) => {
    const name = status === 31 ? 'backup-unknown-option' : 'backup-wrong-value'
    expect(await outcomeOf(lab, ['backup', ...more], name)).toMatchObject({ status, says: [says] })
  })
})

describe('a restore', () => {
  test('into the directory of a running server is refused', async () => {
    expect(await outcomeOf(lab, ['restore'], 'restore-running')).toMatchObject({
      status: 38,
      says: ['ERROR: [038]: unable to restore while PostgreSQL is running'],
    })
  })

  test('into a directory that is not empty is refused', async () => {
    await lab.postgres.stop()
    const outcome = await outcomeOf(lab, ['restore'], 'restore-not-empty')
    await lab.postgres.start()
    expect(outcome).toMatchObject({
      status: 40,
      says: [expect.stringMatching(/^ERROR: \[040\]: unable to restore to path/)],
    })
  })

  test.each<readonly [string, RestoreTarget, number, RegExp]>([
    [
      'time-after-2038',
      { type: 'time', target: '2099-01-01 00:00:00+00' },
      75,
      /unable to find backup set with stop time less than/,
    ],
    [
      'time-before',
      { type: 'time', target: '2020-01-01 00:00:00+00' },
      75,
      /unable to find backup set with stop time less than/,
    ],
    [
      'no-time',
      { type: 'time', target: 'some day' },
      29,
      /automatic backup set selection cannot be performed with provided time/,
    ],
    [
      'unknown-set',
      { type: 'default', more: ['--set=20200101-000000F'] },
      75,
      /backup set 20200101-000000F is not valid/,
    ],
  ])('to %s is refused', async (name, target, status, says) => {
    await using restore = await lab.restoreInto(undefined, target)
    const said = target.more ?? [`--type=${target.type}`, `--target=${target.target ?? ''}`]
    keepFixture(lab, ['restore', ...said], restore.run, `restore-${name}`)
    expect(summary(lab, restore.run)).toMatchObject({ status, says: [expect.stringMatching(says)] })
  })

  test.each<RestoreTarget>([
    { type: 'time', target: '2037-01-01 00:00:00+00' },
    { type: 'name', target: 'no such point' },
    { type: 'lsn', target: 'F/0' },
    { type: 'xid', target: '99999999' },
  ])(
    'to $type $target, which is not reached, ends with 0; the server then does not stay up',
    async (target) => {
      await using restore = await lab.restoreInto(undefined, target)
      expect(summary(lab, restore.run)).toMatchObject({ status: 0, says: [] })
      await expect(restore.startAndPromote()).rejects.toThrow()
      expect(readFileSync(restore.logFile, 'utf8')).toContain(
        'FATAL:  recovery ended before configured recovery target was reached',
      )
    },
  )
})

describe('a clock that jumps', () => {
  test('back by two hours, lets an incremental backup pass with a warning, and no full one', async () => {
    using directory = createOwnDirectory({ prefix: 'pgherd-clock-' }, unprivilegedOwner())
    const clock = movableClock(directory.path)
    await using moved = await startArchivingPostgres({ environment: clock.environment })
    expect(await outcomeOf(moved, ['backup', '--type=full'])).toMatchObject({ status: 0, says: [] })
    clock.move('-2h')
    expect(await outcomeOf(moved, ['backup', '--type=incr'], 'backup-clock-back')).toMatchObject({
      status: 0,
      says: [expect.stringMatching(/^WARN: file 'PG_VERSION' has timestamp earlier than prior backup/)],
    })
    const full = await outcomeOf(moved, ['backup', '--type=full'], 'backup-full-clock-back')
    expect(full).toMatchObject({
      status: 106,
      says: [
        expect.stringMatching(
          /^ERROR: \[106\]: new backup label '\S+' is not later than latest backup label/,
        ),
      ],
    })
  })

  test('ahead and back again, lets no backup of the same full one pass', async () => {
    using directory = createOwnDirectory({ prefix: 'pgherd-clock-' }, unprivilegedOwner())
    const clock = movableClock(directory.path)
    await using moved = await startArchivingPostgres({ environment: clock.environment })
    expect(await outcomeOf(moved, ['backup', '--type=full'])).toMatchObject({ status: 0, says: [] })
    clock.move('+30d')
    expect(await outcomeOf(moved, ['backup', '--type=incr'])).toMatchObject({ status: 0, says: [] })
    clock.move('+0')
    expect(await outcomeOf(moved, ['backup', '--type=incr'])).toMatchObject({ status: 106 })
    expect(await outcomeOf(moved, ['backup', '--type=full'])).toMatchObject({ status: 0 })
  })
})
