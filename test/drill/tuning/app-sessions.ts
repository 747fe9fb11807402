import type pg from 'pg'
import { withClient } from '../../../testbed/postgres-client.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'

/** A session of the role `app`, which has to be there. */
export const asApp = <T>(
  { socketDirectory, port }: PostgresServer,
  work: (client: pg.Client) => Promise<T>,
) => withClient({ host: socketDirectory, port, user: 'app' }, work)

/** So many sessions of `app` at once, one within the other. */
export async function withSessions(
  server: PostgresServer,
  count: number,
  work: (clients: readonly pg.Client[]) => Promise<void>,
  clients: readonly pg.Client[] = [],
): Promise<void> {
  if (clients.length === count) return work(clients)
  await asApp(server, (client) => withSessions(server, count, work, [...clients, client]))
}
