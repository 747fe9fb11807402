import type { BackupProblem } from '../../../common/backup/backup-problem.ts'
import type { Figure } from '../../../common/self-metrics.ts'

/** How the last drill of a cluster went, for its figures. Times are seconds; what it did not come to is null. */
export interface DrillResult {
  readonly cluster: string
  readonly problem: BackupProblem | null
  readonly finishedSeconds: number
  readonly restoreSeconds: number | null
  readonly replaySeconds: number | null
  readonly checksSeconds: number | null
  readonly restoredBytes: number | null
  /** Of the last commit that was replayed, else when the backup ended. */
  readonly recoveredToSeconds: number | null
  readonly databases: number | null
  readonly tables: number | null
  /** Of the last drill that was well, this one or one before. */
  readonly lastSuccessSeconds: number | null
}

/**
 * The figures of drills, one series per cluster.
 * @param results of the last drill of each cluster
 */
export function drillFigures(results: () => readonly DrillResult[]): readonly Figure[] {
  const one = (name: string, help: string, pick: (result: DrillResult) => number | null): Figure => ({
    name: `pgherd_restore_drill_${name}`,
    help,
    labels: ['cluster'],
    read: () =>
      results().flatMap((result) => {
        const value = pick(result)
        return value === null ? [] : [{ labels: { cluster: result.cluster }, value }]
      }),
  })
  return [
    one('success', 'Whether the last drill was well.', ({ problem }) => (problem === null ? 1 : 0)),
    one('last_run_timestamp_seconds', 'When the last drill ended.', (result) => result.finishedSeconds),
    one(
      'last_success_timestamp_seconds',
      'When the last drill ended that was well.',
      (result) => result.lastSuccessSeconds,
    ),
    {
      name: 'pgherd_restore_drill_duration_seconds',
      help: 'How long each phase of the last drill took; restore and replay together are the time to recover.',
      labels: ['cluster', 'phase'],
      read: () =>
        results().flatMap(({ cluster, restoreSeconds, replaySeconds, checksSeconds }) =>
          Object.entries({ restore: restoreSeconds, replay: replaySeconds, checks: checksSeconds }).flatMap(
            ([phase, value]) => (value === null ? [] : [{ labels: { cluster, phase }, value }]),
          ),
        ),
    },
    one('restored_bytes', 'Size of the database that the last drill restored.', (result) => {
      return result.restoredBytes
    }),
    one(
      'recovered_to_timestamp_seconds',
      'The last commit that the last drill brought back, or the end of its backup.',
      (result) => result.recoveredToSeconds,
    ),
    one('databases', 'Databases that the last drill looked into.', (result) => result.databases),
    one('tables', 'Tables in them.', (result) => result.tables),
  ]
}
