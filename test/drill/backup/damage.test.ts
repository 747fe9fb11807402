import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { corruptPage, flipByte, removeSegment } from '../../../testbed/backup/faults.ts'
import { startArchivingPostgres } from '../../../testbed/backup/pgbackrest.ts'
import type { ArchivingPostgres } from '../../../testbed/backup/pgbackrest.ts'
import { archivedSegments, largestBackupFile } from '../../../testbed/backup/repository-files.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { keepFixture, outcomeOf, summary } from './outcome.ts'

let lab: ArchivingPostgres
/** Between the creation of `before` and that of `after`. */
let middle: string
/** The segment with the creation of `after`. */
let segment: string

beforeAll(async () => {
  lab = await startArchivingPostgres({ pgbenchScale: 1 })
  expect(await outcomeOf(lab, ['backup', '--type=full'])).toMatchObject({ status: 0, says: [] })
  await lab.postgres.query('create table before as select 1')
  // A target within the second in which the backup ended is refused.
  const endedAt = Math.trunc(Date.now() / 1000)
  await waitFor('the next second', () => Math.trunc(Date.now() / 1000) > endedAt)
  const [row] = await lab.postgres.query<{ now: string }>('select clock_timestamp()::text as now')
  middle = row!.now
  await lab.archive()
  await lab.postgres.query('create table after as select 1')
  segment = await lab.archive()
  await lab.postgres.query('create table last as select 1')
  await lab.archive()
})
afterAll(() => lab[Symbol.asyncDispose]())

/** Which of the tables a restored server has. */
async function tablesAfter(
  target: Parameters<ArchivingPostgres['restoreInto']>[1],
): Promise<{ readonly tables: readonly string[]; readonly log: string }> {
  await using restore = await lab.restoreInto(undefined, target)
  expect(summary(lab, restore.run)).toMatchObject({ status: 0, says: [] })
  const { postgres } = await restore.startAndPromote()
  const rows = await postgres.query<{ name: string }>(
    `select relname as name from pg_class where relname in ('before', 'after', 'last') order by oid`,
  )
  return { tables: rows.map(({ name }) => name), log: readFileSync(restore.logFile, 'utf8') }
}

describe('what is in order', () => {
  test('is told by info, check and verify, and restores to its end and to a moment', async () => {
    const info = await outcomeOf(lab, ['info', '--output=json'], 'info-ok')
    expect(info.stdout).toContain('"status":{"code":0,"lock":{"backup":{"held":false}},"message":"ok"}')
    expect(await outcomeOf(lab, ['check'], 'check-ok')).toMatchObject({ status: 0, says: [] })
    const verify = ['verify', '--output=text', '--verbose']
    expect((await outcomeOf(lab, verify, 'verify-ok')).stdout).toContain('stanza: pg-main\nstatus: ok')
    // Without errors and `--verbose` it says nothing at all.
    expect((await outcomeOf(lab, ['verify', '--output=text'])).stdout).toBe('')
    expect((await tablesAfter({ type: 'default' })).tables).toEqual(['before', 'after', 'last'])
    expect((await tablesAfter({ type: 'time', target: middle })).tables).toEqual(['before'])
  })
})

describe.each([
  ['lz4', 29, 'lz4 error: [-18] ERROR_contentChecksum_invalid'],
  ['zst', 29, 'zst error: [-20] Data corruption detected'],
  ['gz', 29, 'zlib threw error: [-3] data error'],
  ['none', 26, 'error restoring '],
])('a byte of a backup compressed by %s that has flipped', (compression, status, says) => {
  test('is an error in the text of verify, which ends with 0, and of a restore after 15 s', async () => {
    await using other = await startArchivingPostgres({ options: { 'compress-type': compression } })
    expect(await outcomeOf(other, ['backup', '--type=full'])).toMatchObject({ status: 0, says: [] })
    flipByte(largestBackupFile(other))
    const verify = await outcomeOf(other, ['verify', '--output=text'], `verify-flipped-${compression}`)
    expect(verify).toMatchObject({ status: 0, says: [] })
    expect(verify.stdout).toMatch(/^stanza: pg-main\nstatus: error\n {2}backup: \S+, status: invalid/)
    const info = await outcomeOf(other, ['info', '--output=json'])
    expect(info.stdout).toContain('"message":"ok"}}]')
    await using restore = await other.restoreInto(undefined, { type: 'default' })
    keepFixture(other, ['restore'], restore.run, `restore-flipped-${compression}`)
    const { stderr } = summary(other, restore.run)
    expect(restore.run.status).toBe(status)
    expect(stderr.replace(/local-\d/, 'local-N')).toContain(
      `ERROR: [0${status}]: raised from local-N protocol: ${says}`,
    )
    expect(restore.run.ms).toBeGreaterThan(15_000)
  })
})

describe('a byte of a segment of WAL that has flipped', () => {
  test('is "other" in the text of verify; a restore ends before it and is promoted', async () => {
    const { file } = archivedSegments(lab).find(({ name }) => name === segment)!
    await using stack = new AsyncDisposableStack()
    stack.use(flipByte(file))
    const verify = await outcomeOf(lab, ['verify', '--output=text'], 'verify-flipped-wal')
    expect(verify).toMatchObject({ status: 0, says: [] })
    expect(verify.stdout).toMatch(
      /status: error\n {2}archiveId: 15-1, total WAL checked: \d+, total valid WAL: \d+\n {4}(other|checksum invalid): 1/,
    )
    const { tables, log } = await tablesAfter({ type: 'default' })
    expect(tables).toEqual(['before'])
    expect(log).toMatch(new RegExp(`ERROR: \\[042\\]: unable to get ${segment}:`))
  })
})

describe('a segment of WAL that is gone', () => {
  test('is not noticed by info, check and verify; a restore ends before it and is promoted', async () => {
    await using stack = new AsyncDisposableStack()
    stack.use(removeSegment(lab, { name: segment }))
    expect(await outcomeOf(lab, ['check'])).toMatchObject({ status: 0, says: [] })
    const verify = await outcomeOf(lab, ['verify', '--output=text', '--verbose'], 'verify-gap')
    expect(verify.stdout).toMatch(/status: ok\n.*\n {4}missing: 0,/)
    expect((await outcomeOf(lab, ['info', '--output=json'], 'info-gap')).stdout).toContain(
      '"message":"ok"}}]',
    )
    const { tables } = await tablesAfter({ type: 'default' })
    expect(tables).toEqual(['before'])
  })

  test('ends a server that is to reach a point after it', async () => {
    await using stack = new AsyncDisposableStack()
    await lab.postgres.query(`select pg_create_restore_point('after all')`)
    await lab.archive()
    stack.use(removeSegment(lab, { name: segment }))
    const restore = stack.use(await lab.restoreInto(undefined, { type: 'name', target: 'after all' }))
    expect(restore.run.status).toBe(0)
    await expect(restore.startAndPromote()).rejects.toThrow()
    const log = readFileSync(restore.logFile, 'utf8')
    expect(log).toContain('FATAL:  recovery ended before configured recovery target was reached')
  })
})

describe('a page of the server with a wrong checksum', () => {
  test('is a warning of a backup that ends with 0, and named by info of its label alone', async () => {
    await using stack = new AsyncDisposableStack()
    stack.use(await corruptPage(lab.postgres, 'pgbench_accounts'))
    const backup = await outcomeOf(lab, ['backup', '--type=full'], 'backup-bad-page')
    expect(backup).toMatchObject({
      status: 0,
      says: [
        expect.stringMatching(/^WARN: invalid page checksum found in file data\/base\/\d+\/\d+ at page 0$/),
      ],
    })
    const info = await outcomeOf(lab, ['info', '--output=json'], 'info-bad-page')
    expect(info.stdout).toContain('"error":true')
    expect(info.stdout).toContain('"message":"ok"}}]')
    const label = /"error":true.*?"label":"([^"]+)"/.exec(info.stdout)?.[1]
    const set = ['info', '--output=json', `--set=${label ?? ''}`]
    expect((await outcomeOf(lab, set, 'info-set-bad-page')).stdout).toMatch(/"error-list":\[/)
    const verify = await outcomeOf(lab, ['verify', '--output=text', '--verbose'])
    expect(verify.stdout).toContain('status: ok')
  })
})
