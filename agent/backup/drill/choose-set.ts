import type { BackupSet } from '../../../common/backup/backup-report.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { EngineListing } from '../engine.ts'
import { isSegmentName, parseSegment } from '../engine/segments.ts'

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
 * @param what is to be reached, for messages
 * @throws BackupFailure with what keeps a repository from being read, when there is none
 */
export function chooseSet(
  listing: EngineListing,
  repository: number | undefined,
  segmentBytes: number,
  isFit: (set: BackupSet) => boolean = () => true,
  what = 'the end of the log',
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
      ? new BackupFailure('target-unreachable', `there is no backup from which ${what} can be reached`)
      : new BackupFailure(bad.problem, `repository ${bad.repository} (${bad.where}): ${bad.reason}`)
  }
  const segments = [...new Set(readable.flatMap((one) => one.segments))].sort()
  const last = segments.at(-1)
  return { set, segments, walBytes: bytesBetween(set.walStart, last, segmentBytes) }
}

function bytesBetween(first: string | null, last: string | undefined, segmentBytes: number): number {
  if (first === null || last === undefined || !isSegmentName(first) || !isSegmentName(last)) return 0
  const [from, to] = [first, last].map((name) => parseSegment(name, segmentBytes).number) as [number, number]
  return Math.max(0, to - from + 1) * segmentBytes
}
