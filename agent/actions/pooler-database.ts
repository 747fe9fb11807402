import { z } from 'zod'
import { PgherdError, messageOf, toPgherdError } from '../../common/errors.ts'
import { quoteIdentifier } from '../postgres/quote-identifier.ts'
import type { ActionContext } from './action.ts'
import { askConsole, sumOf } from '../postgres/pooler-console.ts'
import type { ConsoleRow } from '../postgres/pooler-console.ts'

/** Names one database of a pgBouncer, as its clients do. */
export const poolerArgs = z.strictObject({
  database: z.string().min(1).max(63).describe("database as the pooler's clients name it"),
})

export interface PoolerDatabase {
  readonly name: string
  readonly isPaused: boolean
  readonly isDisabled: boolean
  /** Clients that need nothing or have a connection, and those that wait for one; connections to servers that are in use, and all. */
  readonly pools: {
    readonly active: number
    readonly waiting: number
    readonly used: number
    readonly servers: number
  }
}

const showMs = 3_000

/** The rows of one SHOW. @throws PgherdError of `ActionSession.read` */
export async function showPooler(
  context: Pick<ActionContext, 'session'>,
  text: string,
): Promise<readonly ConsoleRow[]> {
  return askConsole(await context.session(), text, showMs)
}

/** @throws PgherdError NOT_FOUND for a database that the pooler neither has nor would make of its `*` */
export async function findPoolerDatabase(
  context: Pick<ActionContext, 'session'>,
  name: string,
): Promise<PoolerDatabase> {
  const databases = await showPooler(context, 'show databases')
  const row = databases.find((one) => one.get('name') === name)
  if (row === undefined) {
    const known = databases.map((one) => one.get('name')).filter((one) => one !== 'pgbouncer')
    throw new PgherdError(
      'NOT_FOUND',
      `pgBouncer has no database ${name} at the moment; it has: ${known.join(', ') || 'none'}`,
    )
  }
  const pools = (await showPooler(context, 'show pools')).filter((pool) => pool.get('database') === name)
  const sum = (...columns: readonly string[]): number =>
    pools.reduce((total, pool) => total + sumOf(pool, ...columns), 0)
  return {
    name,
    isPaused: row.get('paused') === '1',
    isDisabled: row.get('disabled') === '1',
    pools: {
      active: sum('cl_active'),
      waiting: sum('cl_waiting'),
      used: sum('sv_active'),
      servers: sum('sv_active', 'sv_idle', 'sv_used', 'sv_tested', 'sv_login'),
    },
  }
}

/** Lines for a plan. */
export function describePools({ name, isPaused, pools }: PoolerDatabase): readonly string[] {
  return [
    `${name}${isPaused ? ' (paused)' : ''}: ${pools.active} clients that do not wait, ${pools.waiting} waiting; ${pools.used} of ${pools.servers} connections to the server in use`,
  ]
}

/**
 * Sends one command about a database to the console.
 * @throws PgherdError REFUSED for a user who is not in admin_users, else of `ActionSession.change`
 */
export async function tellPooler(
  context: Pick<ActionContext, 'session' | 'signal'>,
  command: string,
  database: string | undefined,
  timeoutMs: number,
): Promise<void> {
  const session = await context.session()
  const text = database === undefined ? command : `${command} ${quoteIdentifier(database)}`
  try {
    await session.change({ text }, { timeoutMs, signal: context.signal })
  } catch (error) {
    if (/admin access needed/.test(messageOf(error))) {
      throw new PgherdError('REFUSED', `pgBouncer refuses ${command}: the user is to be in its admin_users`, {
        cause: error,
      })
    }
    throw toPgherdError(error)
  }
}

/** @throws PgherdError INTERNAL when SHOW DATABASES says otherwise */
export async function expectPaused(
  context: Pick<ActionContext, 'session'>,
  name: string,
  paused: boolean,
): Promise<readonly string[]> {
  const found = await findPoolerDatabase(context, name)
  if (found.isPaused === paused) {
    return [`pgBouncer says that ${name} is ${paused ? '' : 'not '}paused`, ...describePools(found)]
  }
  throw new PgherdError('INTERNAL', `pgBouncer says that ${name} is ${paused ? 'not ' : ''}paused`)
}
