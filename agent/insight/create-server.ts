import type { Clock } from '../../common/clock.ts'
import { late, withinDeadline } from '../../common/deadline.ts'
import { PgherdError } from '../../common/errors.ts'
import type { InsightTopic } from '../../common/insight/insight-report.ts'
import type { Log } from '../../common/log.ts'
import type { Connection } from '../postgres/connection.ts'
import type { ConnectionSlots } from '../postgres/connection-slots.ts'
import { measuringConnection } from '../postgres/measuring-connection.ts'
import { createSession } from '../postgres/session.ts'
import type { SessionOptions } from '../postgres/session.ts'
import { parseTarget } from '../postgres/target.ts'
import type { InsightServer } from './insight-server.ts'

export interface InsightServerOptions {
  readonly server: string
  readonly cluster: string
  readonly directory: string
  /** How the server is reached. */
  readonly reached: Pick<
    SessionOptions,
    'url' | 'passwordFile' | 'pgpassFile' | 'serviceFile' | 'searchPath' | 'applicationName'
  >
  /** The connections to it that the agent has. */
  readonly slots: ConnectionSlots
  /** Which databases besides the main one may be looked into. */
  readonly select: (names: readonly string[]) => readonly string[]
  readonly tell: (topic: InsightTopic, body: unknown) => void
  readonly clock: Clock
  readonly log: Log
}

const connectMs = 5_000
const visitMs = 10_000
const cancelMs = 500
const listMs = 2_000

const listQuery = `
select oid, datname
  from pg_database
 where datallowconn and not datistemplate and has_database_privilege(oid, 'connect')
 order by datname`

/** @throws PgherdError CONFIG_INVALID for the URL */
export function createInsightServer(options: InsightServerOptions): InsightServer {
  const { reached, slots, clock } = options
  const { database: main } = parseTarget(reached.url, reached.serviceFile)
  const lend = (): Connection | undefined => measuringConnection(slots, main)
  const required = (): Connection => {
    const lent = lend()
    if (lent !== undefined) return lent
    throw new PgherdError('POSTGRES_UNAVAILABLE', `${options.server} is not being measured now`)
  }
  let turn: Promise<unknown> = Promise.resolve()

  const look = async <T>(
    database: string,
    work: (connection: Pick<Connection, 'query'>) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> => {
    signal.throwIfAborted()
    // Where measuring has no connection, the places are for its next attempt.
    const lent = required()
    if (database === main) return work(lent)
    await using session = createSession({
      ...reached,
      slots,
      slotWaitMs: connectMs,
      isBesideMeasuring: true,
      backoff: { next: () => 0, reset: () => undefined },
      clock,
    })
    await session.moveTo(database)
    await session.connect(connectMs)
    const cancelling = new AbortController()
    const cancel = (): void => cancelling.abort(isCancelled)
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const aborted = clock.sleep(visitMs, cancelling.signal).then((): typeof late => late)
      const outcome = await Promise.race([work(session), aborted])
      if (outcome !== late) return outcome
      // No session is left behind that is still at work.
      await session.cancel(cancelMs).catch(() => undefined)
      signal.throwIfAborted()
      throw new PgherdError(
        'TIMED_OUT',
        `a look into a database of ${options.server} took over ${visitMs} ms`,
      )
    } finally {
      cancel()
      signal.removeEventListener('abort', cancel)
      // Said goodbye to, so that the server's log has nothing to tell, and its place is free.
      await withinDeadline(session.leave(), connectMs, clock)
    }
  }

  return {
    server: options.server,
    cluster: options.cluster,
    directory: options.directory,
    lend,
    visit(database, work, signal) {
      const result = turn.then(() => look(database, work, signal))
      turn = result.catch(() => undefined)
      return result
    },
    async databases() {
      const { rows } = await required().query({ name: 'pgherd_insight_databases', text: listQuery }, listMs)
      const known = rows.map(([oid, name]) => ({ oid: Number(oid), name: name ?? '' }))
      const others = known.map(({ name }) => name).filter((name) => name !== main)
      const chosen = new Set([main, ...options.select(others)])
      return known.filter(({ name }) => chosen.has(name))
    },
    tell: options.tell,
    clock,
    log: options.log,
  }
}

/** Given as reason, because an abort without one makes an error with its stack. */
const isCancelled = Symbol('cancelled')
