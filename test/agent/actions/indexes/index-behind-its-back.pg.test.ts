import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { keepIndexes } from '../../../../agent/actions/indexes/keep-indexes.ts'
import { systemClock } from '../../../../common/clock.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { begin, refusalOf, startIndexHost } from './index-host.ts'
import type { IndexHost } from './index-host.ts'

const trial = '00000000-0000-4000-8000-000000000001'

/** Somebody else works on an index between two steps of a command, or between a command and what the agent makes of it. */
describe.each([14, 18] as const)('on PostgreSQL %d', (major) => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ major })
    await server.query('create table notes (id int, n int, note text)')
    await server.query(`insert into notes select i, i % 100, 'note ' || i from generate_series(1, 2000) i`)
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ host: server.host, port: server.port, user: 'postgres' })
    client.on('error', () => undefined)
    await client.connect()
    onTestFinished(() => client.end())
    return client
  }
  /** Nobody can drop an index of it meanwhile. */
  const lockedNotes = async (): Promise<pg.Client> => {
    const holder = await connect()
    await holder.query('begin; lock table notes in share update exclusive mode')
    return holder
  }
  const indexOnTrial = async (host: IndexHost, name: string): Promise<string> => {
    const index = `public.${name}`
    await server.query(`create index ${name} on notes (n)`)
    await host.run(
      'index-trial',
      { index, danger: 'updates-pg_index-by-hand', baseline_s: 1 },
      { command: trial },
    )
    return index
  }
  const validOf = async (name: string): Promise<unknown> =>
    (
      await server.query(
        `select indisvalid as valid from pg_index where indexrelid = to_regclass('public.' || $1)`,
        [name],
      )
    )[0]?.['valid']

  test('an index that somebody builds anew while its drop waits is not called dropped', async () => {
    const host = await startIndexHost(server)
    await server.query('create index notes_rebuilt_idx on notes (n)')
    const holder = await lockedNotes()
    const told: string[] = []
    const dropping = host
      .run(
        'index-drop',
        { index: 'public.notes_rebuilt_idx', lock_timeout_s: 0.1 },
        { told: (text) => void told.push(text) },
      )
      .catch((error: unknown) => error)
    await waitFor('an attempt in vain', () => told.find((text) => text.includes('tried again')))
    await holder.query('drop index notes_rebuilt_idx; create index notes_rebuilt_idx on notes (n); commit')
    expect(await dropping).toMatchObject({
      code: 'REFUSED',
      message: expect.stringMatching(/built anew/) as string,
    })
    expect(await validOf('notes_rebuilt_idx')).toBe(true)
    host.keep()
    await waitFor('it is settled', () => host.records().at(-1)?.state === 'kept')
    expect(await validOf('notes_rebuilt_idx')).toBe(true)
  })

  test('a drop of an index on trial that is cancelled before it has begun drops nothing, and the trial goes on', async () => {
    const host = await startIndexHost(server)
    const index = await indexOnTrial(host, 'notes_tried_idx')
    const holder = await lockedNotes()
    const { cancel } = begin(host, 'index-drop', { index, lock_timeout_s: 60 })
    const waiting = `select from pg_stat_activity where query ilike 'drop index concurrently%' and wait_event_type = 'Lock'`
    await waitFor('it waits', async () => (await server.query(waiting)).length === 1)
    expect(await cancel()).toMatchObject({ code: 'CANCELLED' })
    await holder.query('rollback')
    host.keep()
    await waitFor('it is settled', () => host.records().find(({ kind }) => kind === 'drop')?.endedMs != null)
    expect(host.records().find(({ kind }) => kind === 'drop')).toMatchObject({ state: 'kept' })
    expect(await validOf('notes_tried_idx')).toBe(false)
    expect((await host.run('index-trial-end', { index })).message).toContain('the planner uses it again')
    expect(await validOf('notes_tried_idx')).toBe(true)
  })

  test('one on trial that is out of patience to be dropped says that nothing was changed', async () => {
    const host = await startIndexHost(server)
    const index = await indexOnTrial(host, 'notes_patient_idx')
    const holder = await lockedNotes()
    const why = await refusalOf(host, 'index-drop', { index, lock_timeout_s: 0.1, patience_s: 0 })
    expect(why).toContain('nothing was changed')
    await holder.query('rollback')
    await host.run('index-trial-end', { index })
  })

  test('a drop that is cancelled when it has begun says that the agent finishes it, and the agent does', async () => {
    const host = await startIndexHost(server)
    const index = 'public.notes_begun_idx'
    await server.query('create index notes_begun_idx on notes (n)')
    const holder = await connect()
    await holder.query('begin; select from notes')
    const { cancel } = begin(host, 'index-drop', { index, lock_timeout_s: 60 })
    await waitFor('it is not used any more', async () => (await validOf('notes_begun_idx')) === false)
    expect(await cancel()).toMatchObject({
      code: 'CANCELLED',
      message: expect.stringContaining('the agent finishes it') as string,
    })
    await holder.query('rollback')
    host.keep()
    await waitFor('it is gone', () => host.records().at(-1)?.state === 'dropped')
    expect(await validOf('notes_begun_idx')).toBeUndefined()
  })

  test('databases that were copied have the same oids, and a trial is of an index of one of them', async () => {
    const host = await startIndexHost(server)
    const index = 'public.copied_idx'
    await server.query('create database one')
    await server.query('create table copied (n int); create index copied_idx on copied (n)', [], 'one')
    await server.query('create database two template one')
    const danger = 'updates-pg_index-by-hand'
    await host.run('index-trial', { index, database: 'one', danger, baseline_s: 1 }, { command: trial })
    expect(await refusalOf(host, 'index-drop', { index, database: 'two' })).toContain('is on trial')
    await host.run('index-trial-end', { index, database: 'one' })
    await host.run('index-drop', { index, database: 'two' })
    expect(host.records().at(-1)).toMatchObject({ state: 'dropped', index: { database: 'two' } })
  })

  test('a clock that is set back does not make a trial longer', async () => {
    const host = await startIndexHost(server)
    const index = 'public.notes_clock_idx'
    await server.query('create index notes_clock_idx on notes (n)')
    await host.run('index-trial', { index, danger: 'updates-pg_index-by-hand', baseline_s: 1 })
    const [begun] = host.records()
    if (begun?.kind !== 'trial') throw new Error(`no trial: ${JSON.stringify(begun)}`)
    host.work.ledger.hold({ ...begun, untilMs: begun.startedMs + 300 })
    const stopping = new AbortController()
    const back = { ...systemClock, now: () => systemClock.now() - 86_400_000 }
    const keeping = keepIndexes({ ...host.work, clock: back }, stopping.signal)
    await waitFor('the end of the trial', () => host.records()[0]?.state === 'over')
    stopping.abort()
    await keeping
    expect(host.records()[0]?.message).toBe('its time is over; the planner uses it again')
    expect(await validOf('notes_clock_idx')).toBe(true)
  })

  // Without a directory of its own since 15.
  test.runIf(major >= 15)('an index whose tablespace is gone is not restored, with what to do', async () => {
    const host = await startIndexHost(server)
    const client = await connect()
    await client.query('set allow_in_place_tablespaces = on')
    await client.query(`create tablespace slow location ''`)
    await client.query('create index notes_placed_idx on notes (n) tablespace slow')
    const index = 'public.notes_placed_idx'
    await host.run('index-drop', { index })
    await client.query('drop tablespace slow')
    expect(await host.plan('index-restore', { saved: index })).toContain(
      'REFUSED: its tablespace slow is gone',
    )
    expect(await refusalOf(host, 'index-restore', { saved: index })).toContain(
      'create one of that name, or build it by hand elsewhere: CREATE INDEX notes_placed_idx ON',
    )
    await client.query(`create tablespace slow location ''`)
    expect((await host.run('index-restore', { saved: index })).verified).toContain('valid')
  })
})
