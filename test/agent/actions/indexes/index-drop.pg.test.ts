import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { rowsOf } from '../action-context.ts'
import { begin, refusalOf, startIndexHost } from './index-host.ts'
import type { IndexHost } from './index-host.ts'

const expression =
  'create index notes_lower_idx on notes (lower(note), n) with (fillfactor = 71) where n > 10'

describe.each([14, 18] as const)('on PostgreSQL %d', (major) => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ major })
    await server.query(`
      create role owner login;
      grant create, usage on schema public to owner`)
    await server.query('create database shop owner owner')
    await server.query('create table notes (id int, n int, note text)')
    await server.query(`insert into notes select i, i % 100, 'note ' || i from generate_series(1, 20000) i`)
    await server.query('create table items (id int primary key, n int)', [], 'shop')
    await server.query('alter table items owner to owner', [], 'shop')
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const connect = async (database = 'postgres'): Promise<pg.Client> => {
    const client = new pg.Client({ host: server.host, port: server.port, user: 'postgres', database })
    client.on('error', () => undefined)
    await client.connect()
    onTestFinished(() => client.end())
    return client
  }
  const indexNow = async (name: string, database = 'postgres') =>
    (
      await server.query(
        `select indisvalid as valid, pg_get_indexdef(indexrelid) as definition, obj_description(indexrelid) as comment,
                (select json_agg(attstattarget order by attnum) from pg_attribute
                  where attrelid = indexrelid and attstattarget >= 0) as targets,
                (select spcname from pg_tablespace s join pg_class c on c.reltablespace = s.oid where c.oid = indexrelid) as tablespace,
                indisclustered as clustered
           from pg_index where indexrelid = to_regclass('public.' || $1)`,
        [name],
        database,
      )
    )[0]

  /** Cancelled while it waits for the transaction of `holder`, which goes on. */
  const cancelledReindex = async (host: IndexHost, index: string) => {
    const holder = await connect()
    await holder.query('begin; insert into notes values (1, 1, null)')
    const { told, cancel } = begin(host, 'index-reindex', { index })
    await waitFor('it waits', () => told.find((text) => /: \d+ of postgres/.test(text)))
    return { holder, ended: await cancel() }
  }

  const isGone = async (name: string): Promise<boolean> =>
    (await server.query(`select to_regclass('public.' || $1) is null as gone`, [name]))[0]?.['gone'] === true

  test('an index comes back as it was: definition, options, comment, statistics targets, clustering', async () => {
    const host = await startIndexHost(server)
    await server.query(expression)
    await server.query(`
      comment on index notes_lower_idx is 'of the ''old'' report \\ and more';
      alter index notes_lower_idx alter column 1 set statistics 321;
      analyze notes`)
    const before = await indexNow('notes_lower_idx')
    expect(before).toMatchObject({ comment: `of the 'old' report \\ and more`, targets: [321] })

    const plan = await host.plan('index-drop', { index: 'public.notes_lower_idx' })
    expect(plan).toContain('drop index concurrently public.notes_lower_idx')
    expect(plan).toContain('the statistics of its expressions go with it')
    expect(plan).toContain(`to have it back: agentctl index restore pg-test-1 'public.notes_lower_idx'`)
    const dropped = await host.run('index-drop', { index: 'public.notes_lower_idx' })
    expect(dropped.message).toMatch(
      /^Dropped public\.notes_lower_idx \([\d.]+ kB\) in [\d.]+ s; agentctl index restore/,
    )
    expect(dropped.verified).toBe('the server has no such index any more')
    expect(await indexNow('notes_lower_idx')).toBeUndefined()
    const saved = rowsOf((await host.run('index-list-saved', {})).output, 'Saved indexes')
    expect(saved).toMatchObject([{ index: 'public.notes_lower_idx', state: 'dropped', database: 'postgres' }])
    expect(saved[0]?.['definition']).toBe(before?.['definition'])

    // The ledger is on the disk, and another life of the agent reads it.
    const again = await host.again()
    const restorePlan = await again.plan('index-restore', { saved: 'public.notes_lower_idx' })
    expect(restorePlan).toContain('CREATE INDEX CONCURRENTLY notes_lower_idx ON public.notes USING btree')
    expect(restorePlan).toMatch(/it had [\d.]+ kB; takes about .* are free in \//)
    const restored = await again.run('index-restore', { saved: again.records()[0]!.id.slice(0, 8) })
    expect(restored.verified).toContain('valid and as it was')
    expect(await indexNow('notes_lower_idx')).toEqual(before)
    // Statistics of an expression went with the index.
    const analyzed = await server.query(`select from pg_stats where tablename = 'notes_lower_idx'`)
    expect(analyzed).not.toHaveLength(0)
    expect(await refusalOf(again, 'index-restore', { saved: 'public.notes_lower_idx' })).toMatch(
      /NOT_FOUND: no dropped index .* \(the last one is restored: built anew in/,
    )
  })

  test('the owner of a table drops and restores its index in another database and tablespace, by an odd name', async () => {
    const host = await startIndexHost(server, { user: 'owner' })
    // Without a directory of its own since 15.
    const hasTablespace = major >= 15
    if (hasTablespace) {
      const client = await connect()
      await client.query('set allow_in_place_tablespaces = on')
      await client.query(`create tablespace fast location ''`)
      await client.query('grant create on tablespace fast to owner')
    }
    await server.query(
      `create index "Odd ""name""" on items (n)${hasTablespace ? ' tablespace fast' : ''}; alter table items cluster on "Odd ""name"""`,
      [],
      'shop',
    )
    const before = await indexNow('"Odd ""name"""', 'shop')
    expect(before).toMatchObject({ clustered: true, tablespace: hasTablespace ? 'fast' : null })
    const args = { index: 'public."Odd ""name"""', database: 'shop' }
    await host.run('index-drop', args)
    await host.run('index-restore', { saved: args.index, database: 'shop' })
    expect(await indexNow('"Odd ""name"""', 'shop')).toEqual(before)
  })

  test('others read and write on while an index is dropped, and while it is built anew', async () => {
    const host = await startIndexHost(server)
    await server.query('create index notes_load_idx on notes (n)')
    const stopping = new AbortController()
    const longest: number[] = []
    const load = async (statement: string): Promise<void> => {
      const client = await connect()
      await client.query(`set statement_timeout = '3s'`)
      while (!stopping.signal.aborted) {
        const beganMs = performance.now()
        await client.query(statement)
        longest.push(performance.now() - beganMs)
      }
    }
    const loads = [
      load('update notes set n = n + 1 where id = 17'),
      load('select count(*) from notes where n = 5'),
      load(`insert into notes values (0, 5, 'new')`),
    ]
    await waitFor('the load', () => longest.length > 20)
    await host.run('index-drop', { index: 'public.notes_load_idx' })
    const dropped = longest.length
    await host.run('index-restore', { saved: 'public.notes_load_idx' })
    await waitFor('the load goes on', () => longest.length > dropped + 20)
    stopping.abort()
    await Promise.all(loads)
    expect(Math.max(...longest)).toBeLessThan(2_000)
    expect(await indexNow('notes_load_idx')).toMatchObject({ valid: true })
  })

  test('a drop tries again while a transaction is in its way, tells whom it waits for, and finishes', async () => {
    const host = await startIndexHost(server)
    await server.query('create index notes_busy_idx on notes (n)')
    const holder = await connect()
    await holder.query('begin; select count(*) from notes')
    const told: string[] = []
    const dropping = host.run(
      'index-drop',
      { index: 'public.notes_busy_idx', lock_timeout_s: 0.7 },
      { told: (text) => void told.push(text) },
    )
    await waitFor('a second attempt', () => told.find((text) => text.includes('attempt 2')), {
      explain: () => told.join('\n'),
    })
    await waitFor('whom it waits for', () => told.find((text) => text.includes('waits for')))
    expect(told.join('\n')).toMatch(/others were in its way for 0\.7 s; it is tried again/)
    expect(told.join('\n')).toMatch(/waits for \d+ of postgres, in a transaction for/)
    // It is no longer used, and that is said.
    expect(told.join('\n')).toContain('the index is not used any more')
    expect(await indexNow('notes_busy_idx')).toMatchObject({ valid: false })
    await holder.query('commit')
    const { message, verified } = await dropping
    expect(message).toContain('Dropped public.notes_busy_idx')
    expect(verified).toContain('no such index')
    expect(host.records().at(-1)).toMatchObject({
      state: 'dropped',
      message: expect.stringMatching(/in \d+ attempts$/) as string,
    })
  })

  test('a table that is locked for good: nothing is changed, and it says so', async () => {
    const host = await startIndexHost(server)
    await server.query('create index notes_locked_idx on notes (n)')
    const holder = await connect()
    await holder.query('begin; lock table notes in share update exclusive mode')
    const why = await refusalOf(host, 'index-drop', {
      ...{ index: 'public.notes_locked_idx', lock_timeout_s: 0.2, patience_s: 1 },
    })
    expect(why).toMatch(/^BUSY: \d+ attempts found others in the way; nothing was changed/)
    expect(await indexNow('notes_locked_idx')).toMatchObject({ valid: true })
    await holder.query('rollback')
    host.keep()
    await waitFor('the record is settled', () => host.records().at(-1)?.state === 'kept')
    expect(await indexNow('notes_locked_idx')).toMatchObject({ valid: true })
  })

  test('a drop that is given up half way is finished by the agent, and the audit says so', async () => {
    const host = await startIndexHost(server)
    await server.query('create index notes_half_idx on notes (n)')
    const holder = await connect()
    await holder.query('begin; select count(*) from notes')
    const why = await refusalOf(host, 'index-drop', {
      ...{ index: 'public.notes_half_idx', lock_timeout_s: 0.3, patience_s: 1 },
    })
    expect(why).toContain('the agent goes on trying to finish the drop')
    expect(await indexNow('notes_half_idx')).toMatchObject({ valid: false })
    expect(host.records().at(-1)).toMatchObject({ state: 'dropping' })
    expect(await refusalOf(host, 'index-reindex', { index: 'public.notes_half_idx' })).toContain('its drop (')
    // After kill -9 another life of the agent does the same.
    const again = await host.again()
    again.keep()
    await holder.query('commit')
    await waitFor('it is gone', () => isGone('notes_half_idx'))
    await waitFor('it is told', () => again.audited.length > 0)
    expect(again.audited[0]).toMatchObject({
      event: 'undone',
      outcome: expect.stringContaining('the drop of public.notes_half_idx had begun') as string,
    })
    expect((await again.run('index-restore', { saved: 'public.notes_half_idx' })).verified).toContain('valid')
  })

  test('a cancel stops a drop on the server', async () => {
    const host = await startIndexHost(server)
    await server.query('create index notes_cancel_idx on notes (n)')
    const holder = await connect()
    await holder.query('begin; lock table notes in share update exclusive mode')
    const { cancel } = begin(host, 'index-drop', { index: 'public.notes_cancel_idx', lock_timeout_s: 60 })
    const waiting = `select from pg_stat_activity where query ilike 'drop index concurrently%' and wait_event_type = 'Lock'`
    await waitFor('it waits', async () => (await server.query(waiting)).length === 1)
    expect(await cancel()).toMatchObject({ code: 'CANCELLED' })
    expect(await server.query(waiting)).toHaveLength(0)
    expect(await indexNow('notes_cancel_idx')).toMatchObject({ valid: true })
  })

  test('what an interrupted restore leaves is dropped, by the command or by the next life of the agent', async () => {
    const host = await startIndexHost(server)
    await server.query('create index notes_again_idx on notes (n)')
    await host.run('index-drop', { index: 'public.notes_again_idx' })
    const saved = 'public.notes_again_idx'
    const holder = await connect()
    await holder.query('begin; insert into notes values (1, 1, null)')
    const { told, cancel } = begin(host, 'index-restore', { saved })
    await waitFor('whom it waits for', () =>
      told.find((text) => /waiting for (old snapshots|writers before build).*: \d+ of postgres/.test(text)),
    )
    expect(await indexNow('notes_again_idx')).toMatchObject({ valid: false })
    // Its leftover cannot be dropped while the transaction goes on, so that the agent does it later.
    expect(await cancel()).toMatchObject({ code: 'CANCELLED' })
    expect(host.records().at(-1)).toMatchObject({ state: 'restoring' })
    const again = await host.again()
    again.keep()
    await holder.query('commit')
    await waitFor('the leftover is gone', () => isGone('notes_again_idx'))
    await waitFor('it may be restored', () => again.records().at(-1)?.state === 'dropped')
    expect((await again.run('index-restore', { saved })).verified).toContain('valid')
  })

  test('a restore that the rows do not allow any more says why, leaves nothing, and may be tried again', async () => {
    const host = await startIndexHost(server)
    await server.query('create table codes (code int); create unique index codes_code_idx on codes (code)')
    const args = { index: 'public.codes_code_idx' }
    expect(await refusalOf(host, 'index-drop', args)).toContain('nothing keeps out duplicates')
    await host.run('index-drop', { ...args, allow_unique: true })
    await server.query('insert into codes values (1), (1)')
    const why = await refusalOf(host, 'index-restore', { saved: args.index })
    expect(why).toContain('could not create unique index')
    expect(why).toContain('what was left of it is dropped')
    expect(await isGone('codes_code_idx')).toBe(true)
    expect(host.records().at(-1)).toMatchObject({ state: 'dropped' })
    await server.query('truncate codes')
    expect((await host.run('index-restore', { saved: args.index })).verified).toContain('CREATE UNIQUE INDEX')
  })

  test('nothing hangs behind a table that is locked altogether', async () => {
    const host = await startIndexHost(server)
    await server.query('create table locked (note text); create index locked_idx on locked (lower(note))')
    const holder = await connect()
    await holder.query('begin; lock table locked in access exclusive mode')
    const beganMs = performance.now()
    for (const kind of ['index-drop', 'index-reindex']) {
      expect(await refusalOf(host, kind, { index: 'public.locked_idx' })).toMatch(
        /^BUSY: another session holds a lock that it needs: .*; nothing was done$/,
      )
    }
    expect(performance.now() - beganMs).toBeLessThan(5_000)
    expect(host.records()).toEqual([])
  })

  test('a restore is refused where there is no room, where one of that name is there, and where its table is gone', async () => {
    const host = await startIndexHost(server)
    await server.query('create table gone (n int); create index gone_idx on gone (n)')
    await server.query('create index notes_there_idx on notes (n)')
    await host.run(
      'index-drop',
      { index: 'public.gone_idx' },
      { command: '00000000-0000-4000-8000-000000000001' },
    )
    await host.run(
      'index-drop',
      { index: 'public.notes_there_idx' },
      { command: '00000000-0000-4000-8000-000000000002' },
    )
    await server.query('drop table gone')
    await server.query('create index notes_there_idx on notes (id)')
    expect(await refusalOf(host, 'index-restore', { saved: 'public.gone_idx' })).toContain(
      'its table public.gone is gone',
    )
    expect(await refusalOf(host, 'index-restore', { saved: 'public.notes_there_idx' })).toContain(
      'there is an index public.notes_there_idx again',
    )
    expect(
      await refusalOf(host, 'index-restore', { saved: 'public.notes_there_idx', max_size: '8kB' }),
    ).toMatch(/at most 8 kB are allowed/)
    expect(await refusalOf(host, 'index-restore', { saved: '00000000' })).toContain('several are saved')
    // A ledger that asks for more than any disk has.
    const [name] = readdirSync(host.directory).filter((one) => one.endsWith('.json'))
    const path = join(host.directory, name!)
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/"sizeBytes":\d+/g, '"sizeBytes":1e18'))
    expect(await refusalOf(await host.again(), 'index-restore', { saved: 'public.notes_there_idx' })).toMatch(
      /it takes about [\d.e+]+ TB, and only [\d.]+ \wB are free in \//,
    )
  })

  test('an index is built anew beside itself, and what an earlier one has left goes', async () => {
    const host = await startIndexHost(server)
    await server.query('create index notes_bloat_idx on notes (id)')
    await server.query('update notes set id = id + 1')
    await server.query('delete from notes where id % 3 > 0')
    await server.query('vacuum notes')
    const { holder, ended } = await cancelledReindex(host, 'public.notes_bloat_idx')
    const leftovers = () =>
      server.query(`select relname from pg_class where relname ~ '^notes_bloat_idx_cc' order by 1`)
    expect(ended).toMatchObject({ code: 'CANCELLED' })
    expect(await leftovers()).toEqual([{ relname: 'notes_bloat_idx_ccnew' }])
    await holder.query('commit')
    expect(await host.plan('index-reindex', { index: 'public.notes_bloat_idx' })).toContain(
      'drops first what an earlier one has left, not valid: public.notes_bloat_idx_ccnew',
    )
    const { message, verified } = await host.run('index-reindex', { index: 'public.notes_bloat_idx' })
    expect(message).toMatch(/built anew in [\d.]+ s: \d+ kB before, \d+ kB now/)
    const [, before, now] = /: (\d+) kB before, (\d+) kB now/.exec(message)!
    expect(Number(now)).toBeLessThan(Number(before))
    expect(verified).toBe('the server has a new one, and it is valid')
    expect(await leftovers()).toEqual([])
  })

  test('what a killed agent has left of a reindex goes at its next start', async () => {
    const host = await startIndexHost(server)
    await server.query('create index notes_kill_idx on notes (id)')
    const { holder } = await cancelledReindex(host, 'public.notes_kill_idx')
    const again = await host.again()
    expect(again.records().at(-1)).toMatchObject({ kind: 'reindex', state: 'building' })
    again.keep()
    await holder.query('commit')
    await waitFor('nothing is left', async () => {
      const left = await server.query(`select from pg_class where relname ~ '^notes_kill_idx_cc'`)
      return left.length === 0
    })
    await waitFor('it is told', () => again.records().at(-1)?.state === 'failed')
    expect(await indexNow('notes_kill_idx')).toMatchObject({ valid: true })
  })
})
