import { z } from 'zod'
import { PgherdError, toPgherdError } from '../../../common/errors.ts'
import type { Action, ActionContext } from '../action.ts'
import {
  describePools,
  expectPaused,
  findPoolerDatabase,
  poolerArgs,
  tellPooler,
} from '../pooler-database.ts'
import { whileLooking } from '../while-looking.ts'

const args = poolerArgs.extend({
  within_ms: z
    .int()
    .min(100)
    .max(3_600_000)
    .default(10_000)
    .describe('how long clients may take to end their transactions; then it is resumed'),
})

export const pgbouncerPause: Action<z.infer<typeof args>> = {
  kind: 'pgbouncer-pause',
  what: 'have the clients of a database wait, once their transactions have ended, until pgbouncer-resume',
  risk: 'destructive',
  target: 'pooler',
  args,
  deadlineMs: 60_000,
  mayBeLeft:
    'its database MAY STILL BE PAUSED, and its clients wait; look at it with run pgbouncer-pause --dry-run, and end it with pgbouncer-resume',
  examples: ['run pgbouncer-pause -n pg-main-1 database=shop within_ms=5000'],
  async plan(context, { database, within_ms }) {
    const found = await findPoolerDatabase(context, database)
    return [
      ...describePools(found),
      found.isPaused
        ? 'it is paused already; nothing would be done'
        : `waits up to ${within_ms} ms until no connection to the server is in use, then closes them; in pool_mode session that is when the clients have left`,
      'clients, also new ones, wait from the beginning on; query_wait_timeout of pgBouncer ends those that wait too long',
      `if ${within_ms} ms are not enough, or this command is cancelled, it is resumed`,
    ]
  },
  async run(context, { database, within_ms }) {
    const before = await findPoolerDatabase(context, database)
    if (before.isPaused) return { message: `${database} was paused already.`, output: [] }
    try {
      await whileLooking(context, tellPooler(context, 'pause', database, within_ms), async () => {
        const { pools } = await findPoolerDatabase(context, database)
        context.progress(null, `${pools.used} connections still in use, ${pools.waiting} clients waiting`)
      })
    } catch (error) {
      throw await resumed(context, database, error)
    }
    return { message: `${database} is paused; pgbouncer-resume ends it.`, output: [] }
  },
  verify: (context, { database }) => expectPaused(context, database, true),
}

/** Whatever went wrong, clients are not left waiting. Not by the command's own signal, which may be what ended it. */
async function resumed(context: ActionContext, database: string, error: unknown): Promise<PgherdError> {
  const { code, message } = toPgherdError(error)
  if (code === 'REFUSED') return toPgherdError(error)
  const free = { session: () => context.session(), signal: new AbortController().signal }
  try {
    const { pools } = await findPoolerDatabase(context, database)
    const { isPaused } = await resumeIfPaused(context, free, database)
    const state = isPaused ? 'it was resumed' : 'it is not paused'
    return new PgherdError(
      code,
      code === 'TIMED_OUT'
        ? `${database} could not be paused in time: ${pools.used} connections to the server were still in use; ${state}`
        : `${database} was not paused, and ${state}: ${message}`,
      { cause: error },
    )
  } catch (failure) {
    return new PgherdError(
      'INTERNAL',
      `${database} MAY STILL BE PAUSED: ${message}; and it could not be resumed: ${toPgherdError(failure).message}`,
      { cause: failure },
    )
  }
}

async function resumeIfPaused(
  context: ActionContext,
  free: Pick<ActionContext, 'session' | 'signal'>,
  database: string,
): Promise<{ readonly isPaused: boolean }> {
  const { isPaused } = await findPoolerDatabase(context, database)
  if (isPaused) {
    await tellPooler(free, 'resume', database, 3_000)
    await expectPaused(context, database, false)
  }
  return { isPaused }
}
