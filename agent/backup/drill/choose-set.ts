import type { BackupSet } from '../../../common/backup/backup-report.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { EngineListing } from '../engine.ts'
import { startOf } from './wal-position.ts'

/** Which backup is restored, and the log that there is for it. */
export interface ChosenSet {
  readonly set: BackupSet
  /** Of all repositories that can be read: the archive is searched in all of them. Sorted. */
  readonly segments: readonly string[]
  /** From the begin of the backup to the end of the archive, where that is known. */
  readonly walBytes: number
}

/**
 * The newest backup, or the newest that a condition leaves.
 * @param repository only of this one
 * @throws BackupFailure with what keeps a repository from being read, when there is none
 */
export function chooseSet(
  listing: EngineListing,
  repository: number | undefined,
  segmentBytes: number,
  isFit: (set: BackupSet) => boolean = () => true,
): ChosenSet {
  const readable = listing.repositories.filter(({ problem }) => problem === null)
  const set = listing.sets
    .filter((one) => repository === undefined || one.repository === repository)
    .filter(isFit)
    .toSorted((a, b) => a.finishedMs - b.finishedMs)
    .at(-1)
  if (set === undefined) {
    const bad = listing.repositories.find(
      (one) => one.problem !== null && (repository === undefined || one.repository === repository),
    )
    throw bad?.problem == null
      ? new BackupFailure('target-unreachable', 'there is no backup that could be restored for that')
      : new BackupFailure(bad.problem, `repository ${bad.repository} (${bad.where}): ${bad.reason}`)
  }
  const segments = [...new Set(readable.flatMap((one) => one.segments))].sort()
  const first = set.walStart === null ? undefined : startOf(set.walStart, segmentBytes)
  const last = startOf(segments.at(-1) ?? '', segmentBytes)
  const walBytes =
    first === undefined || last === undefined ? 0 : Math.max(0, Number(last - first) + segmentBytes)
  return { set, segments, walBytes }
}
