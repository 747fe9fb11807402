import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { applySettings, lookAndTry } from '../../../../agent/tuning/apply-settings.ts'
import type { TunedServer } from '../../../../agent/tuning/apply-settings.ts'
import { describePlan } from '../../../../agent/tuning/describe-plan.ts'
import type { WantedSetting } from '../../../../agent/tuning/wanted-setting.ts'
import { systemClock } from '../../../../common/clock.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { openForTest } from '../../actions/action-context.ts'
import { wantMode } from '../settings-facts.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres({ settings: { archive_mode: 'off' } })
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(async () => {
  await server.query('alter system reset all')
  await server.query('select pg_reload_conf()')
  await waitFor('what the files have', async () => {
    const rows = await server.query(`select from pg_settings
      where sourcefile like '%postgresql.auto.conf' or pending_restart`)
    return rows.length === 0
  })
})

const want = (name: string, value: string): WantedSetting => ({
  name,
  value,
  isMetBy: (one) => one === value,
})
async function as(user = 'postgres'): Promise<TunedServer> {
  const session = await openForTest(server.url('postgres', user))()
  return { session, keeper: undefined, clock: systemClock, signal: new AbortController().signal }
}
const planOf = async (wanted: readonly WantedSetting[], user?: string) =>
  (await lookAndTry(await as(user), wanted, false)).plan
const settingsOfServer = (): string =>
  readFileSync(join(server.dataDirectory, 'postgresql.auto.conf'), 'utf8')

test('a change with which the server would not start again is refused, and nothing is written', async () => {
  const before = settingsOfServer()
  const noted: unknown[] = []
  const mustUndo = (one: unknown): Promise<void> => Promise.resolve(void noted.push(one))
  const wanted = [want('work_mem', '8192'), want('superuser_reserved_connections', '60')]
  await expect(applySettings(await as(), wanted, { replaces: false, mustUndo })).rejects.toMatchObject({
    code: 'REFUSED',
    message:
      'the server would not start again with this: "superuser_reserved_connections" (60) plus "reserved_connections" (0) must be less than "max_connections" (60). Nothing was changed.',
  })
  expect(noted).toEqual([])
  expect(settingsOfServer()).toBe(before)
})

test('a change with which it would start says so, with the memory that it takes', async () => {
  const lines = describePlan(await planOf([wantMode]), 'pg-main-1')
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^tried beside the running server, which would start with this \([\d.]+MB of shared memory\)$/,
    ),
  )
})

test('what waits for a restart is refused while the server would not come back from it', async () => {
  await server.query('alter system set archive_mode = on')
  expect((await planOf([wantMode])).refusals).toEqual([])
  await server.query(`alter system set shared_preload_libraries = 'nowhere'`)
  await server.query('select pg_reload_conf()')
  await waitFor('archive_mode waits', async () => (await planOf([wantMode])).settings[0]?.state === 'staged')
  expect((await planOf([wantMode])).refusals).toEqual([
    'the server would not start again as its files are now: shared_preload_libraries: could not access file "nowhere": No such file or directory',
  ])
})

test('a role that may not know where the files are plans as before, and the plan says that it was not tried', async () => {
  await server.query('create role narrow login')
  for (const grant of [
    'alter system on parameter archive_mode',
    'execute on function pg_reload_conf()',
    'execute on function pg_show_all_file_settings()',
    'select on pg_file_settings',
  ]) {
    await server.query(`grant ${grant} to narrow`)
  }
  const plan = await planOf([wantMode], 'narrow')
  expect(plan.refusals).toEqual([])
  expect(plan.notes).toEqual([
    expect.stringMatching(/^whether the server starts again with this was not tried: this role may not read/),
  ])
})

test('more shared memory than the host has is refused before it is written', async () => {
  // 512 GiB in blocks of 8 kB.
  expect((await planOf([want('shared_buffers', String(64 * 1024 * 1024))])).refusals).toEqual([
    expect.stringMatching(
      /^it takes 5\d\d(?:\.\d)?GB of shared memory, and the host would have [\d.]+GB \(MemAvailable\)$/,
    ),
  ])
})

test('roles and databases with a value of their own are named, and the order of members where it matters', async () => {
  await server.query('create role reports')
  await server.query(`alter role reports set work_mem = '64MB'`)
  await server.query(`alter role reports in database postgres set work_mem = '128MB'`)
  await server.query(`alter role all set work_mem = '5MB'`)
  const { notes } = await planOf([want('work_mem', '8192'), want('max_connections', '80')])
  await server.query('alter role all reset all')
  expect(notes.slice(1)).toEqual([
    'max_connections: rises, so restart the standbys with it first and the primary last; else their replay stops',
    'every role has work_mem of its own (5MB), which wins in its sessions',
    'role reports has work_mem of its own (64MB), which wins in its sessions',
    'role reports in database postgres has work_mem of its own (128MB), which wins in its sessions',
  ])
})
