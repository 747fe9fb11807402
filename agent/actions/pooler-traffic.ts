import { z } from 'zod'
import type { ActionContext } from './action.ts'
import { sumOf } from '../postgres/pooler-console.ts'
import { showPooler } from './pooler-database.ts'

/** What a pooler had done for a database at a moment, by which a later moment is told from one of the same pause. */
export const traffic = z.object({
  /** total_xact_count of SHOW STATS: since the pooler began. */
  transactions: z.number(),
  /** avg_xact_count of SHOW STATS, which is of the last whole minute, or what was seen since if that is more. */
  perSecond: z.number(),
  /** Connections to the server in use: each may end one more transaction while it pauses. */
  used: z.number(),
  /** pool_mode session: clients that have a connection go on with transactions while it pauses. */
  isSession: z.boolean(),
})
export type Traffic = z.infer<typeof traffic>

/** Between the note and the pause, and in the pooler's own measuring. */
const slack = { seconds: 10, transactions: 10 }
const watchMs = 200

export async function readTraffic(
  context: Pick<ActionContext, 'session'>,
  database: string,
): Promise<Traffic> {
  const stats = (await showPooler(context, 'show stats')).find((row) => row.get('database') === database)
  const pools = (await showPooler(context, 'show pools')).filter((row) => row.get('database') === database)
  return {
    transactions: Number(stats?.get('total_xact_count') ?? 0),
    perSecond: Number(stats?.get('avg_xact_count') ?? 0),
    used: pools.reduce((sum, row) => sum + sumOf(row, 'sv_active'), 0),
    isSession: pools.some((row) => row.get('pool_mode') === 'session'),
  }
}

/**
 * Looks twice: of a load that has just begun the pooler has no average yet.
 * @throws PgherdError of `ActionSession.read`, or why the command has ended
 */
export async function watchTraffic(
  context: Pick<ActionContext, 'session' | 'clock' | 'signal'>,
  database: string,
): Promise<Traffic> {
  const { clock, signal } = context
  const first = await readTraffic(context, database)
  const fromMs = clock.monotonic()
  await clock.sleep(watchMs, signal)
  signal.throwIfAborted()
  const last = await readTraffic(context, database)
  const seconds = Math.max(watchMs, clock.monotonic() - fromMs) / 1_000
  const seen = (last.transactions - first.transactions) / seconds
  return { ...last, perSecond: Math.max(last.perSecond, seen) }
}

/**
 * Why a database that is paused now cannot be paused still since `before`; undefined when it may be. pgBouncer does not tell who has
 * paused it: what shows is that it began anew (a pause ends with it), or that clients have gone on in between. Of a quiet database
 * neither shows.
 */
export function sincePaused(before: Traffic, now: Traffic): string | undefined {
  if (now.transactions < before.transactions) return 'pgBouncer was started anew since'
  const mayHaveEnded = before.used + slack.transactions + slack.seconds * before.perSecond
  const isGone = !before.isSession && now.transactions > before.transactions + mayHaveEnded
  return isGone ? 'it was resumed in between' : undefined
}
