import type { Clock } from '../../common/clock.ts'
import type { InsightTopic } from '../../common/insight/insight-report.ts'
import type { Log } from '../../common/log.ts'
import type { Connection } from '../postgres/connection.ts'

/** What can be asked on a connection that belongs to somebody else. */
export type LentConnection = Pick<Connection, 'query'>

/** What each part gets of one server. */
export interface InsightServer {
  /** Its ins label, and its cls label. */
  readonly server: string
  readonly cluster: string
  /** Exists; for what must survive a restart. */
  readonly directory: string
  /**
   * The connection that measures, in the main database, for one short statement at a time; undefined while there is none. Limit
   * statements to 2 s, to which the session is set already: another limit is one more statement each time.
   */
  lend(): LentConnection | undefined
  /**
   * One look into a database, read-only, under the same guard rails as measuring: on the connection that measures where it is in that
   * database, else on the second place that pgherd has on a server, one look at a time, waited for up to 5 s. The whole look may
   * take 10 s; measuring other databases waits for it.
   * @throws PgherdError POSTGRES_UNAVAILABLE without a connection that measures or a place, TIMED_OUT, the signal's reason, or what `work` throws
   */
  visit<T>(
    database: string,
    work: (connection: LentConnection) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T>
  /**
   * Those that may be looked into: the main database, and the others that the configuration does not exclude.
   * @throws PgherdError POSTGRES_UNAVAILABLE without a connection, else of `Connection.query`
   */
  databases(): Promise<readonly InsightDatabase[]>
  /** Kept on disk until the collector has stored it. Never throws or waits; what is too large or finds no room is counted. */
  tell(topic: InsightTopic, body: unknown): void
  readonly clock: Clock
  readonly log: Log
}

export interface InsightDatabase {
  readonly oid: number
  readonly name: string
}
