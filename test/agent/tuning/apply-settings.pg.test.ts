import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { applySettings, lookAtSettings } from '../../../agent/tuning/apply-settings.ts'
import type { TunedServer } from '../../../agent/tuning/apply-settings.ts'
import type { NotedChange } from '../../../agent/tuning/noted-change.ts'
import { undoSettings } from '../../../agent/tuning/undo-settings.ts'
import { systemClock } from '../../../common/clock.ts'
import { findPostgres, startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { startChild } from '../../../testbed/process.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { openForTest } from '../actions/action-context.ts'
import { wantCommand, wantMode } from './settings-facts.ts'

const wanted = [wantMode, wantCommand]
const never = new AbortController().signal

/** The server as a role of it reaches it. */
async function as(server: PostgresServer, user = 'postgres'): Promise<TunedServer> {
  const session = await openForTest(server.url('postgres', user))()
  return { session, keeper: undefined, clock: systemClock, signal: never }
}

async function applied(tuned: TunedServer, replaces = false) {
  const noted: NotedChange[] = []
  const mustUndo = (one: NotedChange): Promise<void> => {
    noted.push(one)
    return Promise.resolve()
  }
  const plan = await applySettings(tuned, wanted, { replaces, mustUndo })
  return { plan, noted: noted[0] }
}

const autoConf = (server: PostgresServer): string =>
  readFileSync(join(server.dataDirectory, 'postgresql.auto.conf'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n')

async function settingOf(server: PostgresServer, name: string): Promise<string> {
  const [row] = await server.query('select current_setting($1) as value', [name])
  return String(row?.['value'])
}

// Before, with and long after rights on single parameters.
describe.each([14, 15, 18] as const)('on PostgreSQL %i', (major) => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ major, settings: { archive_mode: 'on' } })
    await server.query('create role watcher login in role pg_monitor')
  })
  afterAll(() => server[Symbol.asyncDispose]())
  beforeEach(async () => {
    await server.query('alter system reset all')
    await server.query('select pg_reload_conf()')
    await waitFor('no command', async () => (await settingOf(server, 'archive_command')) === '')
  })

  test('the server takes what is wanted by a reload, and undoing it leaves nothing behind', async () => {
    const tuned = await as(server)
    const { plan, noted } = await applied(tuned)
    expect(plan.settings.map(({ state }) => state)).toEqual(['as-wanted', 'change'])
    expect(await settingOf(server, 'archive_command')).toBe('push %p')
    expect(await undoSettings(noted!, tuned)).toBe('archive_command is as before')
    expect(autoConf(server)).toBe('')
    await waitFor('the old value', async () => (await settingOf(server, 'archive_command')) === '')
  })

  test('what somebody has set by ALTER SYSTEM before is what undoing brings back', async () => {
    await server.query(`alter system set archive_command = 'cp %p "/mnt/%f" # it''s \\ mine'`)
    await server.query('select pg_reload_conf()')
    const tuned = await as(server)
    const before = autoConf(server)
    await waitFor('it is read', async () => (await settingOf(server, 'archive_command')) !== '')
    await expect(applied(tuned)).rejects.toMatchObject({ code: 'REFUSED' })
    expect(autoConf(server)).toBe(before)
    const { noted } = await applied(tuned, true)
    expect(autoConf(server)).toBe(`archive_command = 'push %p'`)
    await undoSettings(noted!, tuned)
    expect(autoConf(server)).toBe(before)
  })

  test('what somebody else changes meanwhile is not undone, and undoing twice does no harm', async () => {
    const tuned = await as(server)
    const { noted } = await applied(tuned)
    await server.query(`alter system set archive_command = 'mine %p'`)
    expect(await undoSettings(noted!, tuned)).toMatch(/^archive_command was changed by somebody else/)
    expect(autoConf(server)).toBe(`archive_command = 'mine %p'`)
    await server.query('alter system reset all')
    expect(await undoSettings(noted!, tuned)).toBe('the settings are as before')
  })

  test('a role without the rights changes nothing, and is told what it takes', async () => {
    const { plan } = await lookAtSettings(await as(server, 'watcher'), wanted, false)
    expect(plan.refusals.join('; ')).toMatch(
      major < 15 ? /a superuser/ : /GRANT ALTER SYSTEM ON PARAMETER archive_command/,
    )
    await expect(applied(await as(server, 'watcher'))).rejects.toMatchObject({ code: 'REFUSED' })
    expect(autoConf(server)).toBe('')
  })

  if (major >= 15)
    test('the rights that a plan names are all that it takes', async () => {
      const look = async () =>
        (await lookAtSettings(await as(server, 'operator'), wanted, false)).plan.refusals
      await server.query('create role operator login in role pg_monitor')
      const grants = (await look()).map((line) => line.replace(/^.* it takes: /, ''))
      for (const grant of grants) await server.query(grant)
      expect(await look()).toEqual([])
      const tuned = await as(server, 'operator')
      const { noted } = await applied(tuned)
      expect(await settingOf(server, 'archive_command')).toBe('push %p')
      await undoSettings(noted!, tuned)
    })
})

test('what needs a restart is written and waits, is not written twice, and is there after the restart', async () => {
  await using server = await startPostgres({ settings: { archive_mode: 'off', archive_command: '' } })
  const statesOf = async () =>
    (await lookAtSettings(await as(server), wanted, false)).plan.settings.map(({ state }) => state)
  await applied(await as(server))
  expect(await statesOf()).toEqual(['staged', 'as-wanted'])
  expect((await applied(await as(server))).noted).toBeUndefined()
  await server.stop()
  await server.start()
  expect(await statesOf()).toEqual(['as-wanted', 'as-wanted'])
  expect(await settingOf(server, 'archive_command')).toBe('push %p')
})

test("a command of somebody else's is seen while archive_mode is off", async () => {
  await using server = await startPostgres({
    settings: { archive_mode: 'off', archive_command: 'cp %p /mnt/%f' },
  })
  const { plan } = await lookAtSettings(await as(server), wanted, false)
  expect(plan.refusals).toEqual([
    expect.stringMatching(/^archive_command is cp %p \/mnt\/%f, which somebody else/),
  ])
})

test('a server whose files it cannot read does not take it: that is told within seconds, and the line goes away again', async () => {
  await using server = await startPostgres({ settings: { archive_mode: 'on' } })
  // Its five seconds are half a one.
  const clock = { ...systemClock, monotonic: () => 10 * systemClock.monotonic() }
  const tuned = { ...(await as(server)), clock }
  // Behind the look and before the reload: somebody is in the middle of an edit.
  const noted: NotedChange[] = []
  const mustUndo = (one: NotedChange): Promise<void> => {
    noted.push(one)
    appendFileSync(join(server.dataDirectory, 'postgresql.conf'), "\nwork_mem = '4MB\n")
    return Promise.resolve()
  }
  await expect(applySettings(tuned, wanted, { replaces: false, mustUndo })).rejects.toMatchObject({
    code: 'COMMAND_FAILED',
    message: expect.stringMatching(/^the server has not taken it within 5 s: .*archive_command/) as string,
  })
  expect(await undoSettings(noted[0]!, tuned)).toBe('archive_command is as before')
  expect(autoConf(server)).toBe('')
})

test('what stands on the command line is refused, since every line in a file would be hidden', async () => {
  await using server = await startPostgres({ settings: { archive_mode: 'on' } })
  const binaries = await findPostgres(server.major)
  await server.stop()
  await using started = await startChild({
    name: 'PostgreSQL with a command line',
    command: binaries!.postgres,
    args: ['-D', server.dataDirectory, '-c', 'archive_command=mine'],
    logFile: server.logFile,
    owner: unprivilegedOwner(),
    quickSignal: 'SIGQUIT',
  })
  await started.waitFor(
    'it answers',
    () =>
      server.query('select 1').then(
        () => true,
        () => false,
      ),
    30_000,
  )
  const { plan } = await lookAtSettings(await as(server), wanted, true)
  expect(plan.refusals).toEqual([expect.stringMatching(/^archive_command is on the server's command line/)])
  await started.stop('SIGINT', 30_000)
})
