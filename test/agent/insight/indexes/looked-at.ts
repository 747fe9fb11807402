import { describeServer } from '../../../../agent/insight/indexes/describe-server.ts'
import { lookAtCounters } from '../../../../agent/insight/indexes/look-at-counters.ts'
import type { DatabaseLook } from '../../../../agent/insight/indexes/look-at-counters.ts'
import { openConnection } from '../../../../agent/postgres/connection.ts'
import type { Connection } from '../../../../agent/postgres/connection.ts'
import { parseTarget } from '../../../../agent/postgres/target.ts'
import { systemClock } from '../../../../common/clock.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'

/** A connection as the agent has them, in a database. */
export function connectTo(
  server: PostgresServer,
  database = 'postgres',
  user = 'pgherd',
): Promise<Connection> {
  return openConnection({
    target: parseTarget(server.url(database, user)),
    password: () => Promise.resolve(''),
    searchPath: 'pg_catalog',
    withoutJit: server.major > 10,
    timeoutMs: 5_000,
    clock: systemClock,
    signal: new AbortController().signal,
  })
}

/** Looks at a server's counters now, on a connection of its own. */
export async function lookAt(server: PostgresServer, database = 'postgres'): Promise<DatabaseLook> {
  using connection = await connectTo(server, database)
  return await lookAtCounters(connection, await describeServer(connection))
}

/** Of one index, by its name. */
export async function oidOf(server: PostgresServer, index: string, database = 'postgres'): Promise<number> {
  const [row] = await server.query<{ oid: number }>(
    'select $1::regclass::oid::int8::int4 as oid',
    [index],
    database,
  )
  return row!.oid
}

export function scansOf(look: DatabaseLook, oid: number): { scans: number; fetched: number; lastS: number } {
  const i = look.oids.indexOf(oid)
  return { scans: look.scans[i] ?? NaN, fetched: look.fetched[i] ?? NaN, lastS: look.lastS[i] ?? NaN }
}
