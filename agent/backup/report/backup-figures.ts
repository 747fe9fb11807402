import type { BackupReport } from '../../../common/backup/backup-report.ts'
import type { Figure, LabelledValue } from '../../../common/self-metrics.ts'
import { isBackup } from '../runs/slot.ts'

type Pick<T> = (one: T) => number | null | undefined

/**
 * Backups as series. Times are seconds since the epoch, so that an age is `time() - x`. pgBackRest's own figures have
 * pgbackrest_exporter's names and come from the neighbour of kind pgbackrest.
 * @param reports the newest of each cluster of this host
 */
export function backupFigures(reports: () => readonly BackupReport[]): readonly Figure[] {
  const ofCluster = (name: string, help: string, pick: Pick<BackupReport>): Figure => ({
    name: `pgherd_backup_${name}`,
    help,
    labels: ['cluster'],
    read: () => reports().flatMap((report) => labelled({ cluster: report.cluster }, pick(report))),
  })
  const ofRepository = (
    name: string,
    help: string,
    pick: Pick<BackupReport['repositories'][number]>,
  ): Figure => ({
    name: `pgherd_backup_repository_${name}`,
    help,
    labels: ['cluster', 'repository'],
    read: () =>
      reports().flatMap(({ cluster, repositories }) =>
        repositories.flatMap((one) => labelled({ cluster, repository: String(one.repository) }, pick(one))),
      ),
  })
  return [
    ofCluster('is_runner', 'Whether this member runs the backups of its cluster.', ({ isRunner }) =>
      Number(isRunner),
    ),
    ofCluster('running', 'Whether a run is under way here.', ({ running }) => Number(running !== null)),
    ofCluster('progress_ratio', 'How far it is, where that is known.', ({ running }) =>
      ratio(running?.percent),
    ),
    ofCluster(
      'bytes_per_second',
      'Of the database, in the run that is under way.',
      (one) => one.running?.bytesPerSecond,
    ),
    ofCluster(
      'archive_waiting_segments',
      'Segments that wait for the archive.',
      (one) => one.archive.waitingSegments,
    ),
    ofCluster('archive_waiting_bytes', 'Their size.', (one) => one.archive.waitingBytes),
    ofCluster(
      'archive_failing_since_timestamp_seconds',
      'Since when archiving fails; not there while it works.',
      (one) => seconds(one.archive.failingSinceMs),
    ),
    {
      name: 'pgherd_backup_last_success_timestamp_seconds',
      help: 'When the newest good backup of a type ended, by repository.',
      labels: ['cluster', 'repository', 'type'],
      read: () => reports().flatMap(newestGood),
    },
    {
      name: 'pgherd_backup_last_run_timestamp_seconds',
      help: 'When an operation last ended so on this member, by the repository of a backup; `all` of what is none.',
      labels: ['cluster', 'operation', 'outcome', 'repository'],
      read: () =>
        reports().flatMap((report) => lastRuns(report, ({ finishedMs }) => seconds(finishedMs), true)),
    },
    {
      name: 'pgherd_backup_last_duration_seconds',
      help: 'How long the last run of an operation took that was done on this member.',
      labels: ['cluster', 'operation'],
      read: () =>
        reports().flatMap((report) =>
          lastRuns({ ...report, runs: report.runs.filter(({ outcome }) => outcome === 'done') }, (run) =>
            run.finishedMs === null ? null : (run.finishedMs - run.startedMs) / 1000,
          ),
        ),
    },
    ofRepository('up', 'Whether the repository can be read and is well.', ({ problem }) =>
      Number(problem === null),
    ),
    ofRepository('size_bytes', 'What the repository holds of this cluster.', ({ sizeBytes }) => sizeBytes),
    ofRepository(
      'free_bytes',
      "Free on the repository's filesystem; not there for object stores.",
      (one) => one.freeBytes,
    ),
    ofRepository(
      'archive_gaps',
      'Places at which segments are missing in the archive.',
      ({ gaps }) => gaps.length,
    ),
    ofRepository(
      'last_archived_timestamp_seconds',
      'When the newest segment came: what a loss of the host now would cost.',
      (one) => seconds(one.archivedMs),
    ),
    ofRepository('restorable_from_timestamp_seconds', 'The oldest point that can be restored.', ({ spans }) =>
      seconds(spans[0]?.fromMs),
    ),
    ofRepository('restorable_to_timestamp_seconds', 'The newest point that can be restored.', ({ spans }) =>
      seconds(spans.at(-1)?.toMs),
    ),
    {
      name: 'pgherd_backup_sets',
      help: 'Backups, by whether pages in them fail their checksum.',
      labels: ['cluster', 'repository', 'state'],
      read: () => reports().flatMap(sets),
    },
  ]
}

function newestGood({ cluster, sets: all }: BackupReport): readonly LabelledValue[] {
  const newest = new Map<string, LabelledValue>()
  for (const { repository, type, finishedMs, hasErrors } of all) {
    if (hasErrors) continue
    const key = `${repository} ${type}`
    const value = finishedMs / 1000
    if ((newest.get(key)?.value ?? 0) >= value) continue
    newest.set(key, { labels: { cluster, repository: String(repository), type }, value })
  }
  return [...newest.values()]
}

/** The runs are in order, so that the last of each kind stays. */
function lastRuns(
  { cluster, runs }: BackupReport,
  pick: Pick<BackupReport['runs'][number]>,
  byOutcome = false,
): readonly LabelledValue[] {
  const last = new Map<string, LabelledValue>()
  for (const run of runs) {
    const { operation, outcome } = run
    const value = pick(run)
    if (value == null || outcome === 'running') continue
    const labels = byOutcome
      ? { cluster, operation, outcome, repository: repositoryOf(run) }
      : { cluster, operation }
    last.set(Object.values(labels).join(' '), { labels, value })
  }
  return [...last.values()]
}

/** A backup that nobody has said a repository for goes into the first; what else ends tells of one only when it is done. */
function repositoryOf({ operation, repository }: BackupReport['runs'][number]): string {
  return isBackup(operation) ? String(repository ?? 1) : 'all'
}

function sets({ cluster, repositories, sets: all }: BackupReport): readonly LabelledValue[] {
  return repositories.flatMap(({ repository }) =>
    [false, true].map((isBad) => ({
      labels: { cluster, repository: String(repository), state: isBad ? 'bad_pages' : 'ok' },
      value: all.filter((set) => set.repository === repository && set.hasErrors === isBad).length,
    })),
  )
}

function labelled(
  labels: Readonly<Record<string, string>>,
  value: number | null | undefined,
): readonly LabelledValue[] {
  return value == null ? [] : [{ labels, value }]
}

const seconds = (ms: number | null | undefined): number | null => (ms == null ? null : ms / 1000)
const ratio = (percent: number | null | undefined): number | null => (percent == null ? null : percent / 100)
