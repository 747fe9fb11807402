import type { ClusterBackups } from '../../../common/backup/backup-view.ts'
import { formatDateTime } from '../format/time.ts'
import { formatValue } from '../format/units.ts'
import { spokesman } from './cluster-state.ts'

/** A stretch of time, milliseconds since the epoch. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

export interface Mark {
  readonly atMs: number
  readonly kind: 'full' | 'diff' | 'incr' | 'verify' | 'drill' | 'expire' | 'restore'
  readonly state: 'done' | 'failed' | 'running' | 'next'
  /** For a person who points at it. */
  readonly text: string
}

export interface BackupTimeline {
  /** Any point in these can be restored. */
  readonly spans: readonly Stretch[]
  /** Backups that are kept. */
  readonly sets: readonly Mark[]
  /** Other work, what failed, and what is due. */
  readonly runs: readonly Mark[]
}

const failed: ReadonlySet<string> = new Set(['failed', 'interrupted', 'missed'])

/** What lies within `shown`, of what the member that knows best tells, and of the runs of all. */
export function timelineOf(cluster: ClusterBackups, shown: Stretch): BackupTimeline {
  const report = spokesman(cluster)?.report
  const isShown = (atMs: number): boolean => atMs >= shown.fromMs && atMs <= shown.toMs
  const spans = (report?.repositories ?? [])
    .flatMap(({ spans: own }) => own)
    .filter(({ fromMs, toMs }) => toMs >= shown.fromMs && fromMs <= shown.toMs)
    .map(({ fromMs, toMs }) => ({
      fromMs: Math.max(fromMs, shown.fromMs),
      toMs: Math.min(toMs, shown.toMs),
    }))
  const sets = (report?.sets ?? [])
    .filter(({ finishedMs }) => isShown(finishedMs))
    .map(({ label, type, finishedMs, storedBytes, hasErrors }): Mark => ({
      atMs: finishedMs,
      kind: type,
      state: hasErrors ? 'failed' : 'done',
      text: `${type} backup ${label}, ended ${formatDateTime(finishedMs)}, ${formatValue(storedBytes, 'bytes')}`,
    }))
  const isBackup = (operation: Mark['kind']): boolean => ['full', 'diff', 'incr'].includes(operation)
  const runs = cluster.runs
    .filter(({ outcome }) => outcome !== 'elsewhere' && outcome !== 'cancelled')
    .filter(({ operation, outcome }) => !isBackup(operation) || outcome !== 'done')
    .map(({ operation, outcome, node, startedMs, finishedMs, message }): Mark => {
      const atMs = finishedMs ?? startedMs
      const state = failed.has(outcome) ? 'failed' : outcome === 'running' ? 'running' : 'done'
      return {
        atMs,
        kind: operation,
        state,
        text: `${operation} on ${node}, ${outcome} ${formatDateTime(atMs)}: ${message}`,
      }
    })
    .filter(({ atMs }) => isShown(atMs))
  const next = (report?.next ?? [])
    .filter(({ atMs }) => isShown(atMs))
    .map(({ operation, atMs }): Mark => ({
      atMs,
      kind: operation,
      state: 'next',
      text: `${operation} is due ${formatDateTime(atMs)}`,
    }))
  return { spans, sets, runs: [...runs, ...next] }
}

/** The points that can be restored in words: `from A to B`, or why there are none. */
export function windowText(cluster: ClusterBackups): string {
  const spans = (spokesman(cluster)?.report.repositories ?? []).flatMap((one) => one.spans)
  if (spans.length === 0) return 'no point in time can be restored'
  const parts = spans
    .toSorted((a, b) => a.fromMs - b.fromMs)
    .map(({ fromMs, toMs }) => `${formatDateTime(fromMs)} to ${formatDateTime(toMs)}`)
  return `any point from ${[...new Set(parts)].join(', or ')} can be restored`
}
