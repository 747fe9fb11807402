import type { Client } from 'pg'
import { withClient } from '../../../testbed/postgres-client.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { slowCalls } from '../../../testbed/slow-calls.ts'
import { startObserved } from '../../agent/tuning/observed-server.ts'
import type { ObservedTestServer } from '../../agent/tuning/observed-server.ts'
import { quiet, run } from './vacuum-bed.ts'

/** Scans are made by their session alone. */
export const settings = { ...quiet, max_parallel_workers_per_gather: '0', autovacuum: 'off' }

/** About 3000 pages each, which a scan reads page by page through a ring of its own. */
const tables = ['a', 'b', 'c', 'd'] as const
export const rows = 25_000

/**
 * A server that has nothing in its memory yet.
 * @param directory of the server, where it is to lie on a certain disk
 */
export async function startCold(
  major: 15 | 18,
  own: Readonly<Record<string, string>> = {},
  directory?: string,
): Promise<ObservedTestServer> {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(
    await startObserved({
      ...{ major, settings: { ...settings, ...own } },
      ...(directory === undefined ? {} : { directory }),
    }),
  )
  const { server } = bed
  for (const name of tables) {
    await run(
      server,
      `create table ${name} as select g as a, repeat('x', 900) as b from generate_series(1, ${rows}) g`,
      `create index on ${name} (a)`,
      `vacuum analyze ${name}`,
    )
  }
  await server.stop()
  await server.start()
  await bed.session.read({ text: 'select 1' }, 5_000).catch(() => undefined)
  stack.move()
  return bed
}

/** A session for each table, at once. */
export async function inEach(
  server: PostgresServer,
  work: (client: Client, table: string) => Promise<unknown>,
): Promise<void> {
  await Promise.all(
    tables.map((table) =>
      withClient({ host: server.socketDirectory, port: server.port }, (client) => work(client, table)),
    ),
  )
}

/** What is done while each read of the server takes so much longer. */
export async function withSlowReads(
  server: PostgresServer,
  ms: number,
  work: () => Promise<unknown>,
): Promise<void> {
  await using disks = new AsyncDisposableStack()
  disks.use(await slowCalls(server, ['pread64', 'preadv'], ms))
  await work()
}
