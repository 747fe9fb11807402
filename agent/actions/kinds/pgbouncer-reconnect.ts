import type { z } from 'zod'
import type { Action } from '../action.ts'
import { describePools, findPoolerDatabase, poolerArgs, tellPooler } from '../pooler-database.ts'

export const pgbouncerReconnect: Action<z.infer<typeof poolerArgs>> = {
  kind: 'pgbouncer-reconnect',
  what: 'replace the connections to the server of a database, each when its transaction has ended',
  risk: 'change',
  target: 'pooler',
  args: poolerArgs,
  deadlineMs: 10_000,
  examples: ['run pgbouncer-reconnect -n pg-main-1 database=shop'],
  async plan(context, { database }) {
    return [
      ...describePools(await findPoolerDatabase(context, database)),
      'each of them is closed as soon as it is free; clients do not notice',
    ]
  },
  async run(context, { database }) {
    const { pools } = await findPoolerDatabase(context, database)
    await tellPooler(context, 'reconnect', database, 5_000)
    return {
      message: `${pools.servers} connections of ${database} are replaced as they get free.`,
      output: [],
    }
  },
}
