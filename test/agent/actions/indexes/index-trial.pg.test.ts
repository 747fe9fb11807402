import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { TrialRecord } from '../../../../agent/actions/indexes/ledger-record.ts'
import { startPostgres, startStandby } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { begin, refusalOf, startIndexHost } from './index-host.ts'
import type { IndexHost } from './index-host.ts'

const index = 'public.visits_page_idx'
const args = { index, danger: 'updates-pg_index-by-hand', baseline_s: 1 }

describe.each([14, 18] as const)('on PostgreSQL %d', (major) => {
  let server: PostgresServer
  let host: IndexHost

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { compute_query_id: 'on', autovacuum: 'off' } })
    await server.query(`
      create extension pg_stat_statements;
      create table visits (id int primary key, page int, note text);
      insert into visits select i, i, 'visit ' || i from generate_series(1, 60000) i`)
    await server.query('vacuum analyze visits')
  })
  afterAll(() => server[Symbol.asyncDispose]())
  beforeEach(async () => {
    host = await startIndexHost(server)
    await server.query('drop index if exists visits_page_idx; create index visits_page_idx on visits (page)')
    await server.query('analyze visits')
  })

  const connect = async (to: PostgresServer = server): Promise<pg.Client> => {
    const client = new pg.Client({ host: to.host, port: to.port, user: 'postgres', database: 'postgres' })
    client.on('error', () => undefined)
    await client.connect()
    onTestFinished(() => client.end())
    return client
  }
  const isValid = async (on: PostgresServer = server): Promise<unknown> =>
    (await on.query(`select indisvalid as v from pg_index where indexrelid = to_regclass('${index}')`))[0]?.[
      'v'
    ]
  const trialOf = (from: IndexHost): TrialRecord => {
    const last = from.records().at(-1)
    if (last?.kind !== 'trial') throw new Error(`no trial: ${JSON.stringify(last)}`)
    return last
  }
  const ended = (of: IndexHost) =>
    waitFor('the end of the trial', () => (trialOf(of).state === 'over' ? trialOf(of) : undefined), {
      explain: () => JSON.stringify(trialOf(of)),
    })
  /** As if something else had happened since it was written. */
  const rewrite = async (from: IndexHost, change: Partial<TrialRecord>): Promise<IndexHost> => {
    const [name] = readdirSync(from.directory).filter((one) => one.endsWith('.json'))
    const path = join(from.directory, name!)
    const content = JSON.parse(readFileSync(path, 'utf8')) as { records: object[] }
    content.records = content.records.map((one) => ({ ...one, ...change }))
    writeFileSync(path, JSON.stringify(content))
    return from.again()
  }
  const plan = async (client: pg.Client): Promise<string> => {
    const { rows } = await client.query<Record<string, string>>('explain execute of_page(7)')
    return rows.map((row) => row['QUERY PLAN']).join('\n')
  }

  test('no plan uses it, also of sessions that had planned before, and ON CONFLICT goes on; then all do again', async () => {
    const client = await connect()
    await client.query(
      `set plan_cache_mode = force_generic_plan; prepare of_page as select * from visits where page = $1`,
    )
    await client.query('execute of_page(7)')
    expect(await plan(client)).toContain('visits_page_idx')

    const dangers = await host.plan('index-trial', args)
    expect(dangers).toContain('DANGER: pg_index is updated by hand')
    expect(dangers).toContain('VACUUM FULL, CLUSTER and REINDEX of public.visits enable it silently')
    const begun = await host.run('index-trial', args)
    expect(begun.message).toMatch(/^The planner does not use public\.visits_page_idx until 20/)
    expect(begun.verified).toMatch(/not valid, by the transaction \d+ of this trial/)
    expect(await plan(client)).toContain('Seq Scan')
    const upsert = `insert into visits values (1, 1, 'again') on conflict (id) do update set note = excluded.note`
    expect((await client.query(upsert)).rowCount).toBe(1)
    // Still written to, so that it is right when it is enabled again.
    await client.query(`insert into visits values (100001, 100001, 'new') on conflict do nothing`)

    expect(await host.plan('index-trial-end', { index })).toContain('sets indisvalid to true')
    const over = await host.run('index-trial-end', { index })
    expect(over.message).toContain('the planner uses it again')
    expect(await isValid()).toBe(true)
    expect(await plan(client)).toContain('visits_page_idx')
    const { rows } = await client
      .query('set enable_seqscan = off; select id from visits where page = 100001')
      .then((results) => (Array.isArray(results) ? (results as pg.QueryResult[]) : [results]).at(-1)!)
    expect(rows).toEqual([{ id: 100001 }])
    await client.query('delete from visits where id = 100001')
    expect((await server.query(`select reloptions from pg_class where relname = 'visits'`))[0]).toEqual({
      reloptions: null,
    })
  })

  test('it is written down before it is done: what cannot be written is not done', async () => {
    const full = {
      ...host.work,
      ledger: { ...host.work.ledger, put: () => Promise.reject(new Error('no room')) },
    }
    const { beginTrial } = await import('../../../../agent/actions/indexes/begin-trial.ts')
    const { findIndex } = await import('../../../../agent/actions/indexes/find-index.ts')
    await using session = await host.work.open('pg-test-1')
    const context = {
      ...{
        command: 'c',
        clock: host.work.clock,
        signal: new AbortController().signal,
        progress: () => undefined,
      },
    }
    const asked = { forMs: 60_000, baselineMs: 0, limits: { scans: 10, bound: 0.5 } }
    const begun = beginTrial(full, context, await findIndex(session, { index }), {
      ...{ server: 'pg-test-1', system: session.systemIdentifier!, asked },
    })
    await expect(begun).rejects.toThrow('no room')
    expect(await isValid()).toBe(true)
    expect(host.records()).toEqual([])
  })

  test('its time is over while the agent is away: the next life ends it at once', async () => {
    await host.run('index-trial', { ...args, for: '10s' })
    const again = await rewrite(host, { untilMs: Date.now() - 1 })
    again.keep()
    expect(await ended(again)).toMatchObject({
      message: 'its time is over; the planner uses it again',
      isHurt: false,
    })
    expect(await isValid()).toBe(true)
    await waitFor('it is in the audit', () => again.audited.length > 0)
    expect(again.audited[0]).toMatchObject({ event: 'finished', who: 'agent pg-test-1' })
  })

  test('an agent that is killed after the server has disabled it, and before it knew: the next life enables it', async () => {
    await host.run('index-trial', args)
    const again = await rewrite(host, { state: 'starting' })
    again.keep()
    expect((await ended(again)).message).toContain('the agent or its command ended while it was begun')
    expect(await isValid()).toBe(true)
  })

  test('an agent that is killed before the server has disabled it: the next life finds that it has not', async () => {
    await host.run('index-trial', args)
    await host.run('index-trial-end', { index })
    const again = await rewrite(host, { state: 'starting', endedMs: null })
    again.keep()
    expect((await ended(again)).message).toBe('it was not disabled')
  })

  test('sequential scans that it brings end it', async () => {
    host.keep()
    await host.run('index-trial', { ...args, scans: 5 })
    for (let i = 0; i < 12; i++) await server.query('select note from visits where page = 5')
    const over = await ended(host)
    expect(over).toMatchObject({ isHurt: true })
    expect(over.message).toMatch(
      /^it hurts: .*sequential scans of the table \d+ \(\d+ rows more\) \(before [\d.]+ in that time, at most 5 more\)/,
    )
    expect(await isValid()).toBe(true)
    await waitFor('it is in the audit', () => host.audited.length > 0)
    expect(host.audited[0]).toMatchObject({ event: 'undone' })
  })

  test('a statement that is slower without it ends it', async () => {
    await server.query('select pg_stat_statements_reset()')
    const statement = 'select count(*) from visits a join visits b using (page) where a.page < 3000'
    const slow = 'select sum(length(note || page)) from visits where page = 17 or page = 18'
    for (let i = 0; i < 10; i++) await server.query(slow)
    await server.query(statement)
    host.keep()
    await host.run('index-trial', { ...args, scans: 100_000 })
    expect(Object.keys(trialOf(host).since.statements).length).toBeGreaterThan(0)
    for (let i = 0; i < 60; i++) await server.query(slow)
    const over = await ended(host)
    expect(over.message).toMatch(
      /^it hurts: mean time of the statement -?\d+ [\d.]+ ms of \d+ calls \(before [\d.]+ ms/,
    )
    expect(await isValid()).toBe(true)
  })

  test('a trial that does no harm goes on', async () => {
    host.keep()
    await host.run('index-trial', { ...args, scans: 5 })
    for (let i = 0; i < 30; i++) await server.query('select note from visits where id = 5')
    await waitFor('some looks', () => trialOf(host).readings.length > 0)
    expect(trialOf(host)).toMatchObject({ state: 'running', readings: [{ isWorse: false }] })
    expect(await isValid()).toBe(false)
    await host.run('index-trial-end', { index })
  })

  test.each([
    ['reindex index visits_page_idx'],
    ['reindex index concurrently visits_page_idx'],
    ['vacuum full visits'],
  ])('%s enables it silently, which is noticed', async (statement) => {
    await host.run('index-trial', args)
    host.keep()
    await server.query(statement)
    expect((await ended(host)).message).toMatch(
      /the index is (valid again, and nothing is written of this agent having done it|gone)/,
    )
    expect(await isValid()).toBe(true)
  })

  test('what somebody else has begun to drop is not enabled', async () => {
    await host.run('index-trial', args)
    const holder = await connect()
    await holder.query('begin; select count(*) from visits')
    const client = await connect()
    await client.query(`set lock_timeout = '300ms'`)
    await expect(client.query('drop index concurrently visits_page_idx')).rejects.toMatchObject({
      code: '55P03',
    })
    const why = (await host.run('index-trial-end', { index })).message
    expect(why).toContain('somebody else has changed its row since')
    expect(await isValid()).toBe(false)
    expect(await refusalOf(host, 'index-trial-end', { index })).toContain('is on no trial of this host')
    expect(await refusalOf(host, 'index-trial-end', { index, xid: trialOf(host).xid })).toContain(
      'nothing is changed',
    )
    await holder.query('commit')
  })

  test('an index that is dropped while it is on trial: the trial is over', async () => {
    await host.run('index-trial', args)
    expect(await refusalOf(host, 'index-reindex', { index })).toContain('is on trial')
    host.keep()
    await host.run('index-drop', { index }, { command: '00000000-0000-4000-8000-000000000009' })
    await waitFor('the trial is over', () => host.records()[0]?.state === 'over')
    expect(host.records()[0]?.message).toContain('the index is gone')
    const saved = { saved: index }
    expect((await host.run('index-restore', saved)).verified).toContain('valid')
  })

  test('a lock in the way is waited for in small steps, and never holds up the end', async () => {
    const holder = await connect()
    await holder.query('begin; lock table visits in share update exclusive mode')
    const told: string[] = []
    const beginning = host.run('index-trial', args, { told: (text) => void told.push(text) })
    await waitFor('a second attempt', () => told.find((text) => text.includes('found a lock in its way')))
    expect(await isValid()).toBe(true)
    await holder.query('commit')
    await beginning
    expect(await isValid()).toBe(false)

    const client = await connect()
    await client.query(
      `set plan_cache_mode = force_generic_plan; prepare of_page as select * from visits where page = $1`,
    )
    await client.query('execute of_page(7)')
    expect(await plan(client)).toContain('Seq Scan')
    await holder.query('begin; lock table visits in share update exclusive mode')
    const over = await host.run('index-trial-end', { index })
    expect(over.message).toContain(
      'sessions that had planned without it are told once public.visits is not locked',
    )
    expect(await isValid()).toBe(true)
    host.keep()
    await holder.query('commit')
    expect((await ended(host)).message).toContain('all sessions are told')
    expect(await plan(client)).toContain('visits_page_idx')
  })

  test('another server in its place is not touched, whatever its oids and transactions are', async () => {
    await host.run('index-trial', args)
    const trial = trialOf(host)
    const again = await rewrite(host, {
      index: { ...trial.index, system: '7000000000000000001' },
      untilMs: Date.now() - 1,
    })
    again.keep()
    expect((await ended(again)).message).toContain(
      'the server is another one by now: its system identifier is',
    )
    expect(await isValid()).toBe(false)
    await host.run('index-trial-end', { index, xid: trial.xid })
    expect(await isValid()).toBe(true)
  })

  test('a trial of a database that is dropped is over', async () => {
    await server.query('create database shortly')
    await server.query('create table t (n int)', [], 'shortly')
    await server.query('create index t_n_idx on t (n)', [], 'shortly')
    await host.run('index-trial', { ...args, index: 'public.t_n_idx', database: 'shortly' })
    await server.query('drop database shortly with (force)')
    host.keep()
    expect((await ended(host)).message).toBe('its database shortly is gone')
  })

  test('a trial that is cancelled while it waits for a lock, or looks at what is usual, has changed nothing', async () => {
    const looking = begin(host, 'index-trial', { ...args, baseline_s: 600 })
    await waitFor('it looks', () => looking.told.find((text) => text.includes('to compare with')))
    expect(await looking.cancel()).toBeInstanceOf(Error)
    expect(host.records()).toEqual([])

    const holder = await connect()
    await holder.query('begin; lock table visits in share update exclusive mode')
    const { cancel } = begin(host, 'index-trial', args)
    const waits = `select from pg_stat_activity where query ilike 'alter table only public.visits reset%' and wait_event_type = 'Lock'`
    await waitFor('it waits', async () => (await server.query(waits)).length === 1)
    expect(await cancel()).toBeInstanceOf(Error)
    expect(await isValid()).toBe(true)
    expect(
      await server.query(
        `select from pg_stat_activity where state like 'idle in transaction%' and application_name = 'pgherd action'`,
      ),
    ).toHaveLength(0)
  })

  test('on the standbys, too; after a failover the new primary ends it by its xid, and the old one touches nothing', async () => {
    await using standby = await startStandby(server)
    // Nobody watches what it does there.
    expect(await refusalOf(host, 'index-trial', args)).toMatch(
      /1 standbys lose the index as well, and nobody watches/,
    )
    expect(await host.plan('index-trial', args)).toMatch(/REFUSED: 1 standbys lose the index as well/)
    expect(host.records()).toEqual([])
    await host.run('index-trial', { ...args, standbys: 'unwatched' })
    await waitFor('the standby has it', async () => (await isValid(standby)) === false)
    const { xid } = trialOf(host)
    // The ledger of the old primary, over a server that is a standby now.
    const there = await startIndexHost(standby, { directory: host.directory })
    there.keep()
    await waitFor('it is told', () => trialOf(there).message.includes('this server is a standby now'))
    expect(trialOf(there).message).toContain(`--xid ${xid}`)
    expect(await refusalOf(there, 'index-trial-end', { index })).toContain(`there with xid=${xid}`)

    await standby.query('select pg_promote()')
    const onNew = await startIndexHost(standby)
    const other = String(BigInt(xid) + 1n)
    expect(await refusalOf(onNew, 'index-trial-end', { index, xid: other })).toContain('and not')
    expect(await isValid(standby)).toBe(false)
    expect((await onNew.run('index-trial-end', { index, xid })).message).toContain(
      'uses public.visits_page_idx again',
    )
    expect(await isValid(standby)).toBe(true)
    // And the first ledger follows.
    expect((await ended(there)).message).toContain('valid again')
    await host.run('index-trial-end', { index })
  }, 60_000)
})
