import { chownSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import {
  filesOf,
  minuteFile,
  openLog,
  pathIn,
  setAll,
  startHiddenLog,
} from '../../agent/insight/schema/log/hidden-log.ts'

const cases = [
  { major: 14, format: 'stderr', other: 'csvlog' },
  { major: 15, format: 'csvlog', other: 'jsonlog' },
  { major: 18, format: 'jsonlog', other: 'stderr' },
] as const

describe.each(cases)('on PostgreSQL $major, with a $format that only the server can read', (about) => {
  const { major, format, other } = about
  let server: PostgresServer
  beforeAll(async () => {
    server = await startHiddenLog(major, format)
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const files = () => filesOf(server, format)
  const create = (table: string) => server.query(`create table ${table} (i int)`)
  const rotate = async (): Promise<void> => {
    const before = files().length
    // Within a second the name stays the same.
    await waitFor('another file', async () => {
      await server.query('select pg_rotate_logfile()')
      return files().length > before
    })
  }

  test('a role reads it by EXECUTE on one function, and pg_read_server_files is not enough, which is said', async () => {
    await server.query('create role blind login; grant pg_monitor, pg_read_server_files to blind')
    const blind = await openLog(server, 'blind')
    const seeing = await openLog(server)
    await create('by_sql')
    expect(await seeing.until('by_sql')).toEqual(['by_sql'])
    expect(seeing.asked).toContain('pgherd_schema_log_piece')
    expect(seeing.heard).toEqual([])
    expect(await blind.read()).toEqual([])
    expect(blind.heard).toEqual(['info schema: the log of the server does not tell who changes it'])
    await server.query('grant execute on function pg_read_binary_file(text, bigint, bigint) to blind')
    expect(await blind.until('by_sql')).toEqual(['by_sql'])
  })

  test('what is in files that were rotated away meanwhile is read once, in its order', async () => {
    const { until, stats } = await openLog(server)
    await create('rotated_1')
    await rotate()
    await create('rotated_2')
    await rotate()
    await rotate()
    await create('rotated_3')
    expect(await until('rotated_3')).toEqual(['rotated_1', 'rotated_2', 'rotated_3'])
    await rotate()
    await create('rotated_4')
    expect(await until('rotated_4')).toEqual(['rotated_1', 'rotated_2', 'rotated_3', 'rotated_4'])
    expect(stats.logSkipped).toBe(0)
  })

  test('a log that is rotated by its size loses no statement', async () => {
    const { until } = await openLog(server)
    await setAll(server, { log_rotation_size: '16kB' })
    const before = files().length
    const made: string[] = []
    await waitFor('two more files', async () => {
      for (let i = 0; i < 20; i++) await create(made[made.push(`by_size_${made.length}`) - 1]!)
      return files().length >= before + 2
    })
    await setAll(server, { log_rotation_size: '0' })
    // The newest 500 are remembered, two changes of settings among them.
    expect(await until(made.at(-1)!)).toEqual(made.slice(-498))
  })

  test('a file that somebody has cut off (copytruncate) is read from its new beginning', async () => {
    const { until } = await openLog(server)
    await create('before_cut')
    await until('before_cut')
    for (const name of files()) truncateSync(pathIn(server, name))
    await create('behind_cut')
    expect(await until('behind_cut')).toEqual(['before_cut', 'behind_cut'])
  })

  test(`another format (${other}, then ${format} again) is read from where it begins`, async () => {
    const { until, heard } = await openLog(server)
    const switchTo = async (to: string): Promise<void> => {
      await setAll(server, { log_destination: to })
      const shown = async () => (await server.query('show log_destination'))[0]?.['log_destination'] === to
      await waitFor(to, shown)
    }
    await create('in_first')
    await until('in_first')
    await switchTo(other)
    await create('in_other')
    expect(await until('in_other')).toEqual(['in_first', 'in_other'])
    await switchTo(format)
    await create('in_first_again')
    expect(await until('in_first_again')).toEqual(expect.arrayContaining(['in_first', 'in_other']))
    expect(heard).toEqual([])
  })
})

test('a file that a rotation by time begins anew (log_truncate_on_rotation) is read from its beginning', async () => {
  await Promise.all(
    cases.map(async ({ major, format }) => {
      await using server = await startHiddenLog(major, format)
      const [first] = filesOf(server, format)
      const { uid, gid } = statSync(pathIn(server, first!))
      // As they are after an hour: each minute has its file, with what was logged then.
      const names = Array.from({ length: 60 }, (_, minute) => minuteFile(minute, format))
      const oldSize = 20_000
      for (const name of names) {
        writeFileSync(pathIn(server, name), 'old\n'.repeat(oldSize / 4), { mode: 0o600 })
        chownSync(pathIn(server, name), uid, gid)
      }
      await setAll(server, {
        log_filename: 'minute-%M.log',
        log_truncate_on_rotation: 'on',
        log_rotation_age: '1min',
      })
      const isBegun = (name: string) => statSync(pathIn(server, name)).size < oldSize
      const begun = await waitFor('the next minute', () => names.find(isBegun), { timeoutMs: 90_000 })
      const { until } = await openLog(server, 'pgherd', { file: begun, offset: oldSize - 4 })
      await server.query('create table in_a_minute (i int)')
      expect(await until('in_a_minute')).toEqual(['in_a_minute'])
    }),
  )
}, 150_000)
