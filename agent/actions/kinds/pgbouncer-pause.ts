import { z } from 'zod'
import { PgherdError, toPgherdError } from '../../../common/errors.ts'
import type { Action, ActionContext, UndoContext } from '../action.ts'
import {
  describePools,
  expectPaused,
  findPoolerDatabase,
  poolerArgs,
  tellPooler,
} from '../pooler-database.ts'
import { readTraffic, sincePaused, traffic, watchTraffic } from '../pooler-traffic.ts'
import type { Traffic } from '../pooler-traffic.ts'
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
    await context.mustUndo({ ...(await watchTraffic(context, database)) })
    try {
      await whileLooking(context, tellPooler(context, 'pause', database, within_ms), async () => {
        const { pools } = await findPoolerDatabase(context, database)
        context.progress(null, `${pools.used} connections still in use, ${pools.waiting} clients waiting`)
      })
    } catch (error) {
      throw await notInTime(context, database, error)
    }
    return { message: `${database} is paused; pgbouncer-resume ends it.`, output: [] }
  },
  undo: (context, { database }, noted) => resume(context, database, traffic.parse(noted)),
  verify: (context, { database }) => expectPaused(context, database, true),
}

/** What was in the way, if that is what went wrong. */
async function notInTime(context: ActionContext, database: string, error: unknown): Promise<PgherdError> {
  const { code, message } = toPgherdError(error)
  if (code === 'REFUSED') return toPgherdError(error)
  const used =
    code === 'TIMED_OUT'
      ? await findPoolerDatabase(context, database).then(
          ({ pools }) => pools.used,
          () => undefined,
        )
      : undefined
  const sentence =
    used === undefined
      ? `${database} was not paused: ${message}`
      : `${database} could not be paused in time: ${used} connections to the server were still in use`
  return new PgherdError(code, sentence, { cause: error })
}

/** Whatever went wrong, clients are not left waiting, unless somebody else has them wait. */
async function resume(context: UndoContext, database: string, before: Traffic): Promise<string> {
  try {
    const { isPaused } = await findPoolerDatabase(context, database)
    if (!isPaused) return `${database} is not paused`
    const other = sincePaused(before, await readTraffic(context, database))
    if (other !== undefined) return `${database} is paused, but by somebody else (${other}); it was left so`
    await tellPooler(context, 'resume', database, 3_000)
    await expectPaused(context, database, false)
    return `${database} was resumed`
  } catch (error) {
    const { code, message } = toPgherdError(error)
    if (code === 'NOT_FOUND') return `${database} is no database of the pooler any more, and so not paused`
    throw new PgherdError(code, `${database} MAY STILL BE PAUSED, and its clients wait: ${message}`, {
      cause: error,
    })
  }
}
