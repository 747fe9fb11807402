import type { BackupRun } from '../../common/backup/backup-run.ts'
import type { NewEvent } from '../../common/wire/events.ts'

/** What is told when a run has ended; undefined for what is no news. */
export function runEvent(run: BackupRun): NewEvent | undefined {
  const { operation, outcome, node, cluster, message, label } = run
  if (outcome === 'running' || outcome === 'elsewhere') return undefined
  const isDone = outcome === 'done'
  const took =
    run.finishedMs === null ? '' : ` after ${((run.finishedMs - run.startedMs) / 1000).toFixed(1)} s`
  const what = label === null ? operation : `${operation} ${label}`
  return {
    type:
      operation === 'drill'
        ? isDone
          ? 'restore-drill-passed'
          : 'restore-drill-failed'
        : operation === 'restore'
          ? 'restore-finished'
          : isDone
            ? 'backup-finished'
            : 'backup-failed',
    node,
    cluster,
    text: `${what} ${isDone ? 'is done' : outcome}${took}: ${message}`,
    command: run.askedBy === 'schedule' ? null : run.askedBy,
  }
}
