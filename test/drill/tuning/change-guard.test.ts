import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { startPostgres, startStandby } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { scattered, startLoad } from '../../agent/tuning/change/load.ts'
import { openTuned } from '../../agent/tuning/change/tuned-server.ts'

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await startPostgres({ settings: { random_page_cost: '1.1', work_mem: '4MB', jit: 'off' } })
  await postgres.query('create extension pg_stat_statements')
  await postgres.query(scattered)
})
afterAll(() => postgres[Symbol.asyncDispose]())

/** Other programs of a busy machine make everything several times slower, a sequential scan for each query much more than that. */
const how = { guard: 60, baseline: 5, bound: 8 }

const show = async (name: string): Promise<string> =>
  String((await postgres.query('select current_setting($1) as value', [name]))[0]?.['value'])

test('a change that turns plans of a real load into sequential scans is taken back before its window is over', async () => {
  using directory = createOwnDirectory({ prefix: 'pgherd-change-' })
  await using load = startLoad(postgres)
  await using tuned = await openTuned(postgres, directory.path, { lookMs: 1_000 })
  tuned.run()
  const begun = await tuned.apply({ random_page_cost: '5000' }, how)
  expect(begun).toMatchObject({ state: 'watching', settings: [{ before: '1.1', after: '5000' }] })
  expect(await show('random_page_cost')).toBe('5000')
  const over = await tuned.until('rolled-back', 60_000)
  expect(load.done).toBeGreaterThan(100)
  expect(over.message).toMatch(/mean latency of \d statements? .* before, at most/)
  expect(over.message).toMatch(/random_page_cost is as before$/)
  expect(over.finishedMs).toBeLessThan(begun.untilMs!)
  expect(await show('random_page_cost')).toBe('1.1')
  await waitFor('it to be told to the audit', () => tuned.audit.length > 0)
  expect(tuned.audit).toMatchObject([{ event: 'undone', who: 'agent pg-test-1' }])
})

test('a harmless change is kept under the same load', async () => {
  using directory = createOwnDirectory({ prefix: 'pgherd-change-' })
  await using load = startLoad(postgres)
  await using tuned = await openTuned(postgres, directory.path, { lookMs: 1_000 })
  tuned.run()
  await tuned.apply({ work_mem: '8MB', random_page_cost: '1.2' }, { ...how, guard: 10 })
  const over = await tuned.until('kept')
  expect(load.done).toBeGreaterThan(100)
  expect(over.readings[0]).toMatchObject({ unit: 'ms', isWorse: false })
  expect(await show('work_mem')).toBe('8MB')
})

test('a crash of a session since the change takes it back at once', async () => {
  using directory = createOwnDirectory({ prefix: 'pgherd-change-' })
  await using tuned = await openTuned(postgres, directory.path)
  tuned.run()
  await tuned.apply({ maintenance_work_mem: '128MB' }, { guard: 60 })
  const [victim] = await postgres.query(
    `select pid from pg_stat_activity where backend_type = 'autovacuum launcher'`,
  )
  process.kill(Number(victim?.['pid']), 'SIGKILL')
  const over = await tuned.until('rolled-back')
  expect(over.message).toMatch(/^a process of the server crashed or was killed since the change/)
  expect(over.message).toMatch(/maintenance_work_mem is as before$/)
})

test('a server that is killed within the window is waited for, and the window begins anew', async () => {
  using directory = createOwnDirectory({ prefix: 'pgherd-change-' })
  await using tuned = await openTuned(postgres, directory.path)
  tuned.run()
  const begun = await tuned.apply({ maintenance_work_mem: '96MB' }, { guard: 4 })
  await postgres.kill()
  await waitFor('the guard to find it gone', async () => (await tuned.newest()).untilMs! < Date.now())
  expect((await tuned.newest()).state).toBe('watching')
  await postgres.start()
  const over = await tuned.until('kept')
  expect(over.finishedMs! - begun.startedMs).toBeGreaterThan(8_000)
  expect(await show('maintenance_work_mem')).toBe('96MB')
})

test('what needs a restart waits for it, and is watched then', async () => {
  using directory = createOwnDirectory({ prefix: 'pgherd-change-' })
  await using tuned = await openTuned(postgres, directory.path)
  tuned.run()
  const begun = await tuned.apply({ max_connections: '70' }, { guard: 3 })
  expect(begun).toMatchObject({
    state: 'waits-for-restart',
    settings: [{ name: 'max_connections', needsRestart: true }],
  })
  expect(begun.message).toBe('max_connections is written and waits for a restart')
  await postgres.stop()
  await postgres.start()
  await tuned.until('watching')
  const over = await tuned.until('kept')
  expect(await show('max_connections')).toBe('70')
  expect((await tuned.planned({ max_connections: '70' })).settings).toMatchObject([{ state: 'as-wanted' }])
  const back = await tuned.rollBack(over.id)
  expect(back).toMatchObject({ state: 'rolled-back' })
  expect(back.message).toMatch(/another restart is needed until max_connections is so$/)
})

test('where a server does not start with what was staged, the lines to remove are told, and with them it starts', async () => {
  using directory = createOwnDirectory({ prefix: 'pgherd-change-' })
  await using tuned = await openTuned(postgres, directory.path, { awayMs: 1_500 })
  tuned.run()
  await tuned.apply({ max_connections: '50' }, { guard: 5 })
  await postgres.stop()
  // What was right when it was tried is no more: somebody reserves as many.
  const conf = join(postgres.dataDirectory, 'postgresql.conf')
  appendFileSync(conf, "\nsuperuser_reserved_connections = '55'\n")
  await expect(postgres.start()).rejects.toThrow(/must be less than "?max_connections"?/)
  const told = await waitFor('it to be told', async () => {
    const change = await tuned.newest()
    return /does not answer/.test(change.message) ? change : undefined
  })
  const file = join(postgres.dataDirectory, 'postgresql.auto.conf')
  expect(told.state).toBe('waits-for-restart')
  expect(told.message).toContain(
    `if it does not start with what was written (its log says so), in ${file}: remove the line max_connections = '50'; then start it; this agent starts no server`,
  )
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^max_connections = '50'\n/m, ''))
  await postgres.start()
  const over = await tuned.until('left-alone')
  expect(over.message).toMatch(/^max_connections is no longer as the change wrote it/)
})

test('a standby that is promoted within the window is no longer compared', async () => {
  await using standby = await startStandby(postgres)
  using directory = createOwnDirectory({ prefix: 'pgherd-change-' })
  await using tuned = await openTuned(standby, directory.path)
  tuned.run()
  await tuned.apply({ work_mem: '6MB' }, { guard: 60, bound: 8 })
  await standby.query('select pg_promote()')
  expect((await tuned.until('kept')).message).toBe(
    'the server was promoted or demoted since, so that nothing is compared',
  )
  const { notes } = await tuned.planned({ work_mem: '7MB' })
  expect(notes).toContainEqual(expect.stringMatching(/^this server was promoted 1 min ago/))
})
