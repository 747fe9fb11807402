import type { z } from 'zod'
import type { Action } from '../action.ts'
import {
  describePools,
  expectPaused,
  findPoolerDatabase,
  poolerArgs,
  tellPooler,
} from '../pooler-database.ts'

export const pgbouncerResume: Action<z.infer<typeof poolerArgs>> = {
  kind: 'pgbouncer-resume',
  what: 'let the clients of a database go on after pgbouncer-pause or pgbouncer-kill',
  risk: 'change',
  target: 'pooler',
  args: poolerArgs,
  deadlineMs: 10_000,
  examples: ['run pgbouncer-resume -n pg-main-1 database=shop'],
  async plan(context, { database }) {
    const found = await findPoolerDatabase(context, database)
    return [
      ...describePools(found),
      found.isPaused ? 'those who wait go on' : 'it is not paused; nothing would be done',
    ]
  },
  async run(context, { database }) {
    const { isPaused, pools } = await findPoolerDatabase(context, database)
    if (!isPaused) return { message: `${database} was not paused.`, output: [] }
    await tellPooler(context, 'resume', database, 5_000)
    return { message: `${database} goes on; ${pools.waiting} clients were waiting.`, output: [] }
  },
  verify: (context, { database }) => expectPaused(context, database, false),
}
