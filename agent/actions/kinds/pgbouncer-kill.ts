import type { z } from 'zod'
import { toPgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import {
  describePools,
  expectPaused,
  findPoolerDatabase,
  poolerArgs,
  tellPooler,
} from '../pooler-database.ts'

export const pgbouncerKill: Action<z.infer<typeof poolerArgs>> = {
  kind: 'pgbouncer-kill',
  what: 'drop all connections of a database at once, those of clients too, and have new ones wait until pgbouncer-resume',
  risk: 'destructive',
  target: 'pooler',
  args: poolerArgs,
  deadlineMs: 30_000,
  examples: ['run pgbouncer-kill -n pg-main-1 database=shop'],
  async plan(context, { database }) {
    const found = await findPoolerDatabase(context, database)
    return [
      ...describePools(found),
      'all of them lose their connections in the middle of whatever they do, and transactions are rolled back',
      'new clients wait until pgbouncer-resume',
    ]
  },
  async run(context, { database }) {
    const { pools } = await findPoolerDatabase(context, database)
    await tellPooler(context, 'kill', database, 10_000)
    return {
      message: `${pools.active + pools.waiting} clients and ${pools.servers} connections of ${database} were dropped; pgbouncer-resume lets new ones in.`,
      output: [],
    }
  },
  verify: (context, { database }) =>
    expectPaused(context, database, true).catch((error: unknown) => {
      // An automatic database that nobody is connected to any more is soon on no list.
      if (toPgherdError(error).code !== 'NOT_FOUND') throw error
      return [
        `nobody is connected to ${database}, so pgBouncer does not list it now; it is paused all the same`,
      ]
    }),
}
