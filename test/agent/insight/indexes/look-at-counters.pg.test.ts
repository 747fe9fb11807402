import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { advance } from '../../../../agent/insight/indexes/ledger.ts'
import { startPostgres, startStandby } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { createMonitor } from '../../scrape/measured-server.ts'
import { lookAt, oidOf, scansOf } from './looked-at.ts'

describe.each([14, 18] as const)('PostgreSQL %i', (major) => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ major, settings: { autovacuum: 'off' } })
    await createMonitor(server)
    await server.query(`
      create table customer (id int primary key, email text);
      create unique index customer_email on customer (email);
      create table purchase (id int primary key, customer int references customer, at int);
      create index purchase_customer on purchase (customer);
      create table marker (id int primary key);
      create index purchase_at on purchase (at);
      insert into customer select i, 'c' || i from generate_series(1, 2000) i;
      insert into purchase select i, 1 + i % 1000, i from generate_series(1, 20000) i;
      analyze`)
  })
  afterAll(() => server[Symbol.asyncDispose]())

  /**
   * By how much a statement moves an index's scans, once a scan of another index that came after it is seen: counters of sessions come
   * some time after their end, in order.
   */
  const movedBy = async (index: string, sql: string): Promise<{ scans: number; fetched: number }> => {
    const oid = await oidOf(server, index)
    const marker = await oidOf(server, 'marker_pkey')
    const before = await lookAt(server)
    await server.query(sql)
    await server.query('set enable_seqscan = off; select from marker where id = 1')
    let after = before
    await expect
      .poll(async () => {
        after = await lookAt(server)
        return scansOf(after, marker).scans
      })
      .toBe(scansOf(before, marker).scans + 1)
    const [was, is] = [scansOf(before, oid), scansOf(after, oid)]
    return { scans: is.scans - was.scans, fetched: is.fetched - was.fetched }
  }

  test('all indexes are there by OID, and those of the catalogue are not', async () => {
    const look = await lookAt(server)
    expect(look.oids).toEqual(look.oids.toSorted())
    const names = [
      'customer_pkey',
      'customer_email',
      'purchase_pkey',
      'purchase_customer',
      'purchase_at',
      'marker_pkey',
    ]
    const oids = await Promise.all(names.map((name) => oidOf(server, name)))
    expect([...look.oids]).toEqual(oids.toSorted((a, b) => a - b))
    expect(look).toMatchObject({ database: 'postgres', inRecovery: false, counts: true })
    expect(Math.abs(look.atMs - Date.now())).toBeLessThan(5_000)
    expect(look.resets.serverMs).toBeGreaterThan(1_700_000_000_000)
    expect(look.resets.serverMs).toBeLessThan(look.atMs)
  })

  test('what moves the counter of scans, and what does not', async () => {
    expect(await movedBy('purchase_at', 'select * from purchase where at = 7')).toEqual({
      scans: 1,
      fetched: 1,
    })
    // Checks of foreign keys are queries.
    expect((await movedBy('purchase_customer', 'delete from customer where id = 1500')).scans).toBe(1)
    expect((await movedBy('customer_pkey', 'insert into purchase values (30001, 7, 1)')).scans).toBe(1)
    const conflict = `insert into customer values (7, 'c7') on conflict (email) do nothing`
    expect((await movedBy('customer_email', conflict)).scans).toBe(1)
    // Uniqueness is enforced without a scan: such an index is in use all the same.
    expect(await movedBy('customer_email', `insert into customer values (5000, 'c5000')`)).toEqual({
      scans: 0,
      fetched: 0,
    })
    // The planner looks at the ends of an index, so that a scan is no proof of a use.
    const planned = 'explain select * from purchase p join customer c on p.at = c.id where p.at > 19990'
    expect((await movedBy('purchase_at', planned)).scans).toBeGreaterThan(0)
  })

  test('the time of the last scan is told from 16 on', async () => {
    const oid = await oidOf(server, 'purchase_at')
    await movedBy('purchase_at', 'select * from purchase where at = 7')
    const { lastS } = scansOf(await lookAt(server), oid)
    if (major < 16) expect(lastS).toBe(0)
    else expect(Math.abs(lastS - Date.now() / 1000)).toBeLessThan(10)
  })

  test('a reset of the database, of one index, and a crash each are a gap that begins with the look before', async () => {
    const oid = await oidOf(server, 'purchase_at')
    let ledger = advance(undefined, await lookAt(server))
    const losses = [
      () => server.query('select pg_stat_reset()'),
      () => server.query(`select pg_stat_reset_single_table_counters($1)`, [oid]),
      async () => {
        await server.query('select * from purchase where at = 7')
        await server.kill()
        await server.start()
      },
      async () => {
        // A backend that dies takes the others along, and the postmaster stays.
        const [backend] = await server.query<{ pid: number }>(
          `select pid from pg_stat_activity where backend_type = 'background writer'`,
        )
        const began = (await lookAt(server)).resets.serverMs
        process.kill(backend!.pid, 'SIGKILL')
        await expect
          .poll(
            () =>
              lookAt(server).then(
                ({ resets }) => resets.serverMs,
                () => began,
              ),
            { timeout: 20_000 },
          )
          .not.toBe(began)
      },
    ]
    for (const [i, lose] of losses.entries()) {
      const { atMs } = ledger
      await lose()
      // The statistics collector of 14 writes what it knows some time later.
      await expect
        .poll(
          async () => {
            const look = await lookAt(server)
            ledger = advance(ledger, look)
            return ledger.gaps.at(-1)?.[1] ?? 0
          },
          { message: `loss ${i}` },
        )
        .toBeGreaterThan(atMs)
      expect(ledger.gaps.at(-1)![1]).toBeLessThanOrEqual(ledger.atMs)
    }
  })

  test('an orderly restart loses nothing', async () => {
    const oid = await oidOf(server, 'purchase_at')
    await server.query('select * from purchase where at = 7')
    await expect.poll(async () => scansOf(await lookAt(server), oid).scans).toBeGreaterThan(0)
    const before = await lookAt(server)
    const ledger = advance(undefined, before)
    await server.stop()
    await server.start()
    const look = await lookAt(server)
    expect(look.resets).toEqual(before.resets)
    expect(scansOf(look, oid).scans).toBe(scansOf(before, oid).scans)
    expect(advance(ledger, look).gaps).toEqual([])
  })

  test('sessions that do not count are seen, where the server, the database or a role says so', async () => {
    await server.query('alter role pgherd set track_counts = off')
    expect((await lookAt(server)).counts).toBe(false)
    await server.query('alter role pgherd reset track_counts; create role worker login')
    await server.query('alter role worker set track_counts = off')
    expect((await lookAt(server)).counts).toBe(false)
    await server.query('drop role worker')
    expect((await lookAt(server)).counts).toBe(true)
  })

  test('a standby counts for itself, keeps counting through its promotion, and before 15 forgets at each start', async () => {
    await using standby = await startStandby(server, { name: 'second' })
    const oid = await oidOf(server, 'purchase_at')
    const own = async () => scansOf(await lookAt(standby), oid).scans
    expect(await own()).toBe(0)
    const before = await lookAt(server)
    await standby.query('select * from purchase where at = 7')
    await expect.poll(own).toBe(1)
    expect(scansOf(await lookAt(server), oid).scans).toBe(scansOf(before, oid).scans)
    let ledger = advance(undefined, await lookAt(standby))
    await standby.stop()
    await standby.start()
    ledger = advance(ledger, await lookAt(standby))
    expect(ledger.gaps).toHaveLength(major < 15 ? 1 : 0)
    await standby.query('select pg_promote()')
    const look = await lookAt(standby)
    expect(look.inRecovery).toBe(false)
    expect(advance(ledger, look).gaps).toHaveLength(major < 15 ? 1 : 0)
  })
})
