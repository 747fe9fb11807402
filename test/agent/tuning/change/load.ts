import { withClient } from '../../../../testbed/postgres-client.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { systemClock } from '../../../../common/clock.ts'

/** A table in which neighbours by `k` lie apart: its index is as good as the planner believes random reads to be. */
export const scattered = `
create table readings as
select (hashint8(n) & 2147483647) % 200000 as k, n as v, repeat('x', 60) as pad from generate_series(1, 200000) as n;
create index on readings (k);
analyze readings`

/** Sessions that run one query again and again, with a pause, until disposed. */
export function startLoad(
  { socketDirectory, port }: PostgresServer,
  options: { readonly sessions?: number; readonly pauseMs?: number } = {},
): AsyncDisposable & { readonly done: number } {
  const { sessions = 2, pauseMs = 15 } = options
  const stop = new AbortController()
  let done = 0
  const session = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      // A server that is gone comes back.
      await withClient({ host: socketDirectory, port, database: 'postgres' }, async (client) => {
        while (!stop.signal.aborted) {
          const from = Math.floor((done * 7919) % 199_000)
          await client.query('select sum(v) from readings where k between $1 and $2', [from, from + 60])
          done++
          await systemClock.sleep(pauseMs, stop.signal)
        }
      }).catch(() => systemClock.sleep(200, stop.signal))
    }
  }
  const all = Array.from({ length: sessions }, session)
  return {
    get done() {
      return done
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.all(all)
    },
  }
}
