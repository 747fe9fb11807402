import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import { watchdogReport } from '../../../common/insight/watchdog.ts'
import type { WatchdogDeed } from '../../../common/insight/watchdog.ts'
import type { KeptReport, WatchdogQuery } from '../../../common/insight/watchdog-view.ts'
import type { NewEvent } from '../../../common/wire/events.ts'
import type { InsightBook } from '../book.ts'

/** What the watchdogs of the fleet have seen and done, with the evidence. */
export interface WatchdogBook extends InsightBook {
  /** The newest first. */
  list(query: WatchdogQuery): readonly KeptReport[]
}

export interface WatchdogLimits {
  readonly maxReports: number
  readonly maxAgeMs: number
}

/** As events are kept; a report has some 10 KB. */
const defaults: WatchdogLimits = { maxReports: 10_000, maxAgeMs: 90 * 86_400_000 }

/** Deeds that have signalled a session. */
const killed: readonly WatchdogDeed[] = ['cancelled', 'terminated']

export function createWatchdogBook(options: {
  readonly database: DatabaseSync
  readonly clock: Clock
  readonly add: (event: NewEvent) => void
  readonly limits?: WatchdogLimits
}): WatchdogBook {
  const { database, clock, add, limits = defaults } = options
  const insert = database.prepare(
    `INSERT INTO watchdog_reports (at_ms, cluster, server, deed, report)
     VALUES (:atMs, :cluster, :server, :deed, :report)`,
  )
  const forget = database.prepare(
    `DELETE FROM watchdog_reports
      WHERE at_ms < :beforeMs OR seq <= (SELECT max(seq) FROM watchdog_reports) - :keep`,
  )
  const select = database.prepare(
    `SELECT seq, at_ms, cluster, server, report FROM watchdog_reports
      WHERE (:cluster = '' OR cluster = :cluster) AND (:server = '' OR server = :server)
        AND (:deed = '' OR deed = :deed) AND (:seq = 0 OR seq = :seq) AND at_ms >= :sinceMs
      ORDER BY seq DESC LIMIT :limit`,
  )
  return {
    topic: 'watchdog',
    take({ body, server, cluster, atMs }) {
      const told = watchdogReport.safeParse(body)
      if (!told.success) throw new PgherdError('BAD_DATA', `watchdog: ${z.prettifyError(told.error)}`)
      const { deed, text } = told.data
      insert.run({ ...{ atMs, cluster, server, deed }, report: JSON.stringify(told.data) })
      forget.run({ beforeMs: clock.now() - limits.maxAgeMs, keep: limits.maxReports })
      add({
        type: killed.includes(deed) ? 'session-killed' : 'session-reported',
        ...{ node: server, cluster, text, command: null },
      })
    },
    list: ({ cluster = '', server = '', deed = '', seq = 0, sinceMs = 0, limit }) =>
      select.all({ cluster, server, deed, seq, sinceMs, limit }).map((row) => ({
        seq: Number(row['seq']),
        atMs: Number(row['at_ms']),
        cluster: String(row['cluster']),
        server: String(row['server']),
        report: watchdogReport.parse(JSON.parse(String(row['report']))),
      })),
  }
}
