import type { DatabaseSync } from 'node:sqlite'
import { backupReport } from '../../common/backup/backup-report.ts'
import type { BackupReport } from '../../common/backup/backup-report.ts'
import { backupRun } from '../../common/backup/backup-run.ts'
import type { BackupRun } from '../../common/backup/backup-run.ts'
import type { ClusterBackups, RunQuery } from '../../common/backup/backup-view.ts'
import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import { inTransaction } from '../../common/in-transaction.ts'
import type { Log } from '../../common/log.ts'
import type { NewEvent } from '../../common/wire/events.ts'
import { runEvent } from './run-event.ts'

/** What agents have told of backups: the newest report of each member, and all runs. */
export interface BackupBook {
  /** A report of an agent's own member; others are refused. Never throws. */
  take(node: string, report: BackupReport): void
  list(query: RunQuery): readonly ClusterBackups[]
  one(cluster: string, query: RunQuery): ClusterBackups | undefined
  stats(): { readonly reports: number; readonly refusedReports: number }
}

export interface BackupBookOptions {
  readonly database: DatabaseSync
  readonly clock: Clock
  readonly log: Log
  readonly add: (event: NewEvent) => void
  /** Whether an agent may speak for this member of this cluster. */
  readonly mayReport: (node: string, about: { readonly server: string; readonly cluster: string }) => boolean
}

/** A year and a month, so that the same week of last year can be compared. */
const keptMs = 400 * 86_400_000
const keptRuns = 5_000
/** Runs that ended longer ago are history that an agent tells to a new collector, and no news. */
const newsMs = 86_400_000

const reportAlone = backupReport.omit({ runs: true })

export function openBackupBook(options: BackupBookOptions): BackupBook {
  const { database, clock, log, add } = options
  const stats = { reports: 0, refusedReports: 0 }
  const putReport = database.prepare(
    `INSERT INTO backup_reports (cluster, node, at_ms, report) VALUES (:cluster, :node, :atMs, :report)
     ON CONFLICT (cluster, node) DO UPDATE SET at_ms = excluded.at_ms, report = excluded.report`,
  )
  const findRun = database.prepare('SELECT outcome FROM backup_runs WHERE node = :node AND id = :id')
  const putRun = database.prepare(
    `INSERT INTO backup_runs (node, id, cluster, operation, started_ms, outcome, run)
     VALUES (:node, :id, :cluster, :operation, :startedMs, :outcome, :run)
     ON CONFLICT (node, id) DO UPDATE SET outcome = excluded.outcome, run = excluded.run`,
  )
  const forget = database.prepare(
    `DELETE FROM backup_runs
      WHERE cluster = :cluster
        AND (started_ms < :beforeMs
             OR started_ms < (SELECT started_ms FROM backup_runs WHERE cluster = :cluster
                               ORDER BY started_ms DESC LIMIT 1 OFFSET :keep))`,
  )
  const readReports = database.prepare(
    'SELECT cluster, at_ms, report FROM backup_reports ORDER BY cluster, node',
  )
  const readRuns = database.prepare(
    `SELECT run FROM backup_runs
      WHERE cluster = :cluster
        AND (:operations = '' OR instr(:operations, ' ' || operation || ' ') > 0)
      ORDER BY started_ms DESC, id
      LIMIT :limit`,
  )

  /** A run that has ended stays as it ended. @returns whether this is how it ended */
  const keepRun = (run: BackupRun): boolean => {
    const known = findRun.get({ node: run.node, id: run.id })?.['outcome']
    if (known !== undefined && known !== 'running') return false
    const { node, id, cluster, operation, startedMs, outcome } = run
    putRun.run({ node, id, cluster, operation, startedMs, outcome, run: JSON.stringify(run) })
    return outcome !== 'running'
  }
  const store = (report: BackupReport): readonly BackupRun[] => {
    const { runs, ...rest } = report
    const { cluster, node } = report
    return inTransaction(database, () => {
      putReport.run({ cluster, node, atMs: clock.now(), report: JSON.stringify(rest) })
      const ended = runs.filter((run) => run.node === node && run.cluster === cluster && keepRun(run))
      if (ended.length > 0) forget.run({ cluster, beforeMs: clock.now() - keptMs, keep: keptRuns })
      return ended
    })
  }
  const view = (cluster: string, members: ClusterBackups['members'], query: RunQuery): ClusterBackups => {
    const operations = query.operations === undefined ? '' : ` ${query.operations.join(' ')} `
    const rows = readRuns.all({ cluster, operations, limit: query.limit })
    return { cluster, members, runs: rows.map(({ run }) => backupRun.parse(JSON.parse(String(run)))) }
  }
  const list = (query: RunQuery, only?: string): readonly ClusterBackups[] => {
    const nowMs = clock.now()
    const clusters = new Map<string, ClusterBackups['members']>()
    for (const { cluster, at_ms: atMs, report } of readReports.all()) {
      const name = String(cluster)
      if (only !== undefined && name !== only) continue
      const told = reportAlone.parse(JSON.parse(String(report)))
      const members = clusters.get(name) ?? []
      members.push({ ageMs: Math.max(0, nowMs - Number(atMs)), report: told })
      clusters.set(name, members)
    }
    return [...clusters].map(([cluster, members]) => view(cluster, members, query))
  }

  return {
    take(node, report) {
      if (
        report.node !== node ||
        !options.mayReport(node, { server: report.node, cluster: report.cluster })
      ) {
        stats.refusedReports++
        return
      }
      stats.reports++
      try {
        const nowMs = clock.now()
        for (const run of store(report)) {
          const event = runEvent(run)
          if (event !== undefined && nowMs - (run.finishedMs ?? nowMs) < newsMs) add(event)
        }
      } catch (error) {
        log.error({ node, cluster: report.cluster }, `backups: a report cannot be kept: ${messageOf(error)}`)
      }
    },
    list: (query) => list(query),
    one: (cluster, query) => list(query, cluster)[0],
    stats: () => stats,
  }
}
