import type { Evidence } from '../../../agent/tuning/evidence/evidence.ts'
import { withClient } from '../../../testbed/postgres-client.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import type { ObservedTestServer, WatchOptions } from '../../agent/tuning/observed-server.ts'

/** Enough of everything, so that each test has one thing too little. */
export const ample = {
  random_page_cost: '1.1',
  shared_buffers: '64MB',
  max_wal_size: '10GB',
  min_wal_size: '1GB',
  checkpoint_timeout: '30min',
  track_wal_io_timing: 'on',
  wal_buffers: '64MB',
}

/** Looks while something goes on, and then until the server tells that it has gone far enough. */
export async function watchUntil(
  observed: ObservedTestServer,
  produce: (server: PostgresServer) => Promise<unknown>,
  isEnough: (evidence: Evidence) => boolean,
  options: WatchOptions = {},
): Promise<Evidence> {
  return observed.watch(() => produce(observed.server), { until: isEnough, ...options })
}

/** The statements one after the other, each in a transaction of its own, again and again. */
export const many =
  (times: number, ...statements: readonly string[]) =>
  async (server: PostgresServer) => {
    await withClient({ host: server.socketDirectory, port: server.port }, async (client) => {
      for (let i = 0; i < times; i++) for (const sql of statements) await client.query(sql)
    })
  }
/** Whether a counter has grown by so much. */
export const grew = (counter: string, by: number) => (evidence: Evidence) =>
  (evidence.increase(counter) ?? 0) >= by

/** Whether a gauge was so large once. */
export const reached = (gauge: string, value: number) => (evidence: Evidence) =>
  (evidence.max(gauge) ?? 0) >= value

/** 8MB of WAL that change no page but the one of table t. */
export const writeWal = `insert into t select length(pg_logical_emit_message(false, 'test', repeat('x', 8 * 1024 * 1024))::text)`
