import type { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { createSession } from '../../../agent/postgres/session.ts'
import type { Session } from '../../../agent/postgres/session.ts'
import type { ProbeDefinition } from '../../../agent/probes/definition.ts'
import { systemClock } from '../../../common/clock.ts'
import { withClient } from '../../../testbed/postgres-client.ts'
import { findPostgres, startPostgres, startStandby } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { askAll, databaseProbes, samplesOf } from './ask-probe.ts'
import type { Answer } from './ask-probe.ts'
import { prepareDatabase, shop } from './prepared-database.ts'

const lockNotAvailable = '55P03'

async function connect(server: PostgresServer): Promise<Session> {
  const session = createSession({ url: server.url(shop, 'pgherd'), clock: systemClock })
  await session.connect(5_000)
  return session
}

/** Those that a role runs which has all it may be granted. */
async function grantedProbes(server: PostgresServer): Promise<readonly ProbeDefinition[]> {
  const probes = await databaseProbes(server.major)
  const grants = probes.flatMap(({ predicates }) => predicates.map(({ grant }) => grant))
  for (const grant of new Set(grants)) {
    if (grant !== undefined) await server.query(grant.replace('{role}', 'pgherd'), undefined, shop)
  }
  return probes
}

function sequencesWithValue(answers: ReadonlyMap<string, Answer>): readonly string[] {
  return Object.keys(samplesOf(answers)).filter((key) => key.startsWith('pg_seq_last_value'))
}

async function withClients(
  server: PostgresServer,
  count: number,
  work: (clients: readonly Client[]) => Promise<void>,
): Promise<void> {
  if (count === 0) return work([])
  const address = { host: server.socketDirectory, port: server.port, database: shop }
  await withClient(address, (client) => withClients(server, count - 1, (others) => work([client, ...others])))
}

/** Everything a user can lock, in the strongest way there is for it. */
const lockEverything = `
do $$
declare r record;
begin
  for r in select oid::regclass as name, relkind from pg_class where relnamespace = 'public'::regnamespace loop
    if r.relkind in ('r', 'p') then execute format('lock table %s in access exclusive mode', r.name); end if;
    if r.relkind = 'm' then execute format('alter materialized view %s owner to postgres', r.name); end if;
  end loop;
end $$;
reindex index account_name;
alter sequence ticket_id_seq restart;
drop sequence countdown`

/** A whole server with a filled database is more than a busy machine does in the usual time. */
const slow = { timeout: 90_000 }

describe.each([14, 18] as const)('in PostgreSQL %i', async (major) => {
  const installed = (await findPostgres(major)) !== undefined

  test.skipIf(!installed)(
    'no probe waits while each table is locked, with another session queued behind the lock',
    slow,
    async () => {
      await using server = await startPostgres({ major, settings: { track_functions: 'all' } })
      await prepareDatabase(server)
      await server.query(`create sequence calm; select nextval('calm')`, undefined, shop)
      const probes = await grantedProbes(server)
      await using session = await connect(server)
      const before = await askAll(session, probes)

      await withClients(server, 4, async ([holder, queued, writer, changer]) => {
        await holder!.query('begin')
        await holder!.query(lockEverything)
        // A request that waits is enough to stop whoever comes after it.
        await writer!.query('begin')
        await writer!.query(`select nextval('account_id_seq')`)
        const waiting = Promise.allSettled([
          queued!.query('begin; lock table account in access exclusive mode'),
          changer!.query('alter sequence account_id_seq restart'),
        ])
        await waitFor('both to queue', async () => {
          const rows = await server.query('select from pg_locks where not granted')
          return rows.length === 2
        })
        await expect(
          session.query({ text: `select pg_relation_size('public.account')` }, 1_000),
        ).rejects.toMatchObject({ details: { sqlstate: lockNotAvailable } })

        // One that waited would fail after the 100 ms of lock_timeout.
        const during = await askAll(session, probes)
        for (const [branch, { rows }] of before) {
          if (branch !== 'pg_seq_exhaustion') expect(during.get(branch)?.rows, branch).toBe(rows)
        }
        expect(sequencesWithValue(before)).toHaveLength(5)
        expect(sequencesWithValue(during).toSorted()).toEqual([
          'pg_seq_last_value{datname=shop,seqname=app.invoice}',
          'pg_seq_last_value{datname=shop,seqname=public.calm}',
        ])
        expect(during.get('pg_seq_exhaustion')?.rows).toBe(2)

        await holder!.query('rollback')
        await writer!.query('rollback')
        await waiting
      })
    },
  )

  test.skipIf(!installed)('each probe runs on a standby too', slow, async () => {
    await using primary = await startPostgres({ major, settings: { track_functions: 'all' } })
    await prepareDatabase(primary)
    await using standby = await startStandby(primary)
    const probes = await grantedProbes(primary)
    await waitFor('the standby to have replayed all', async () => {
      const rows = await primary.query(
        `select from pg_stat_replication where replay_lsn = pg_current_wal_lsn()`,
      )
      return rows.length > 0
    })
    await using session = await connect(standby)
    const answers = await askAll(session, probes)
    expect(answers.size).toBe(probes.length - 2)
    expect(samplesOf(answers)).toMatchObject({
      'pg_table_tuples{datname=shop,relname=public.account}': 20_000,
      'pg_seq_last_value{datname=shop,seqname=public.ticket_id_seq}': 1_932_735_282,
      'pg_index_invalid_count{datname=shop}': 1,
      'pg_defpart_tuples{datname=shop,relname=public.event_rest}': 500,
    })
  })
})
