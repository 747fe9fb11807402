import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import { keptIndex, savedIndexReport } from '../../../common/insight/saved-index.ts'
import type { KeptIndex } from '../../../common/insight/saved-index.ts'
import type { InsightBook } from '../book.ts'

/** What dropped indexes are built of again: a copy of what each host has saved, for when that host is lost or no primary any more. */
export interface SavedBook extends InsightBook {
  /** Those of a cluster, the newest drop first. */
  list(cluster: string): readonly KeptIndex[]
}

/** As many as a host keeps of one server. */
const keptOfCluster = 2_000

export function createSavedBook(database: DatabaseSync): SavedBook {
  // What was told earlier may come later, by another member.
  const put = database.prepare(
    `INSERT INTO saved_indexes (cluster, id, server, told_ms, started_ms, report)
     VALUES (:cluster, :id, :server, :toldMs, :startedMs, :report)
     ON CONFLICT (cluster, id) DO UPDATE
       SET server = excluded.server, told_ms = excluded.told_ms, report = excluded.report
     WHERE excluded.told_ms >= saved_indexes.told_ms`,
  )
  const forget = database.prepare(
    `DELETE FROM saved_indexes
      WHERE cluster = :cluster AND started_ms < (
        SELECT started_ms FROM saved_indexes WHERE cluster = :cluster ORDER BY started_ms DESC LIMIT 1 OFFSET :keep)`,
  )
  const select = database.prepare(
    'SELECT cluster, server, report FROM saved_indexes WHERE cluster = :cluster ORDER BY started_ms DESC, id',
  )
  return {
    topic: 'saved-index',
    take({ body, cluster, server, atMs }) {
      const told = savedIndexReport.safeParse(body)
      if (!told.success) throw new PgherdError('BAD_DATA', `saved index: ${z.prettifyError(told.error)}`)
      const { id, startedMs } = told.data
      put.run({ cluster, id, server, toldMs: atMs, startedMs, report: JSON.stringify(told.data) })
      forget.run({ cluster, keep: keptOfCluster - 1 })
    },
    list: (cluster) =>
      select
        .all({ cluster })
        .map(({ server, report }) =>
          keptIndex.parse({ cluster, server, ...savedIndexReport.parse(JSON.parse(String(report))) }),
        ),
  }
}
