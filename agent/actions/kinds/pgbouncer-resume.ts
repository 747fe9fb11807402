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
    const found = await findPoolerDatabase(context, database).catch(async (error: unknown) => {
      // An automatic database that nobody is connected to is hidden together with its pause; RESUME brings it back.
      const resumed = tellPooler(context, 'resume', database, 5_000)
      await resumed.catch((refusal: unknown) => {
        throw toPgherdError(refusal).code === 'REFUSED' ? refusal : error
      })
      return undefined
    })
    if (found === undefined) return { message: `${database} goes on; nobody was waiting.`, output: [] }
    const { isPaused, pools } = found
    if (!isPaused) return { message: `${database} was not paused.`, output: [] }
    await tellPooler(context, 'resume', database, 5_000)
    return { message: `${database} goes on; ${pools.waiting} clients were waiting.`, output: [] }
  },
  verify: (context, { database }) => expectPaused(context, database, false),
}
