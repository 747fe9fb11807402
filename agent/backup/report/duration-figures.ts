import type { BackupRun } from '../../../common/backup/backup-run.ts'
import type { Figure, LabelledValue } from '../../../common/self-metrics.ts'

/** A median of fewer says nothing. */
const fewest = 3
const most = 11

/**
 * How the duration of each operation develops, from the journal, which outlives agent and collector: the series of the last duration
 * does not tell a run that took as long as the one before from no run at all.
 * @param runs of this host, the oldest first
 */
export function durationFigures(runs: () => readonly BackupRun[]): readonly Figure[] {
  return [
    {
      name: 'pgherd_backup_duration_ratio',
      help: `The duration of the last run of an operation that was done on this member, as a multiple of the median of the ones before (${fewest} to ${most} of them).`,
      labels: ['cluster', 'operation'],
      read: () => trends(runs()),
    },
  ]
}

function trends(runs: readonly BackupRun[]): readonly LabelledValue[] {
  const durations = new Map<string, { readonly run: BackupRun; readonly all: number[] }>()
  for (const run of runs) {
    if (run.outcome !== 'done' || run.finishedMs === null) continue
    const key = `${run.cluster} ${run.operation}`
    const known = durations.get(key) ?? { run, all: [] }
    known.all.push(run.finishedMs - run.startedMs)
    durations.set(key, known)
  }
  return [...durations.values()].flatMap(({ run, all }) => {
    const before = all.slice(-most - 1, -1)
    const usual = medianOf(before)
    if (before.length < fewest || usual <= 0) return []
    const { cluster, operation } = run
    return [{ labels: { cluster, operation }, value: all.at(-1)! / usual }]
  })
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
