import type { JSX } from 'preact'
import type { ClusterBackups } from '../../../common/backup/backup-view.ts'
import { formatAge, formatDateTime } from '../format/time.ts'
import { formatSeconds, formatValue } from '../format/units.ts'
import { CopyLine } from '../parts/copy-line.tsx'
import { LevelMark } from '../parts/level-mark.tsx'
import type { PageContext } from '../state/page-context.ts'
import { link } from '../state/route.ts'
import { TimelineDrawing } from './backup-timeline.tsx'
import { backupState, spokesman } from './cluster-state.ts'
import { RunTable } from './run-table.tsx'
import { timelineOf, windowText } from './timeline-marks.ts'

interface Properties {
  readonly backups: ClusterBackups
  readonly context: PageContext
  /** How far back is shown; an eighth of it lies ahead. */
  readonly lengthMs: number
}

/** The backups of one cluster. */
export function ClusterBackupsView({ backups, context: { nowMs }, lengthMs }: Properties): JSX.Element {
  const { cluster } = backups
  const { level, reasons } = backupState(backups)
  const shown = { fromMs: nowMs - lengthMs, toMs: nowMs + lengthMs / 8 }
  const timeline = timelineOf(backups, shown)
  const report = spokesman(backups)?.report
  const newest = report?.sets.at(-1)
  const drill = backups.runs.find(({ operation }) => operation === 'drill')
  const next = report?.next.toSorted((a, b) => a.atMs - b.atMs)[0]
  const window = windowText(backups)
  return (
    <article class={`backup level-${level}`} data-backups={cluster} data-level={level}>
      <header>
        <LevelMark level={level} />
        <h2>
          <a href={link(`/c/${encodeURIComponent(cluster)}`)}>{cluster}</a>
        </h2>
        <p>
          {newest === undefined
            ? 'never backed up'
            : `${newest.type} ${formatAge(nowMs - newest.finishedMs)}, ${formatValue(newest.storedBytes, 'bytes')}`}
          {next !== undefined &&
            ` · next: ${next.operation} in ${formatSeconds(Math.max(0, Math.round((next.atMs - nowMs) / 1000)))}`}
          {drill !== undefined && ` · last drill: ${drill.outcome}`}
        </p>
      </header>
      {reasons.map((reason) => (
        <p key={reason} class={`problem level-${level}`}>
          {reason}
        </p>
      ))}
      <p class="pitr">{window}</p>
      {report?.running != null && (
        <p class="progress">
          {report.running.percent !== null && (
            <progress max={100} value={report.running.percent} aria-label={`backup of ${cluster}`} />
          )}{' '}
          {report.running.text}
        </p>
      )}
      <TimelineDrawing
        timeline={timeline}
        shown={shown}
        nowMs={nowMs}
        label={`Backups of ${cluster} from ${formatDateTime(shown.fromMs)} on: ${timeline.sets.length} backups; ${window}`}
      />
      <details>
        <summary>
          {report?.sets.length ?? 0} backups, {backups.runs.length} runs
        </summary>
        <RunTable backups={backups} />
        <p class="next-line">
          To restore is a signed command:{' '}
          <CopyLine
            text={`agentctl backup restore ${cluster} --to 'YYYY-MM-DD HH:MM:SS+00' --into /data/restored`}
          />
        </p>
      </details>
    </article>
  )
}
