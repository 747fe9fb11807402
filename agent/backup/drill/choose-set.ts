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
 * The newest backup.
 * @param repository only of this one
 * @throws BackupFailure with what keeps a repository from being read, when there is none
 */
export function chooseSet(
  listing: EngineListing,
  repository: number | undefined,
  segmentBytes: number,
): ChosenSet {
  const set = listing.sets
    .filter((one) => repository === undefined || one.repository === repository)
    .toSorted((a, b) => a.finishedMs - b.finishedMs)
    .at(-1)
  if (set !== undefined) return withLog(set, listing, segmentBytes)
  const bad = listing.repositories.find(
    (one) => one.problem !== null && (repository === undefined || one.repository === repository),
  )
  throw bad?.problem == null
    ? new BackupFailure('target-unreachable', 'there is no backup')
    : new BackupFailure(bad.problem, `repository ${bad.repository} (${bad.where}): ${bad.reason}`)
}

/** A backup with the log that a listing has for it. */
export function withLog(set: BackupSet, listing: EngineListing, segmentBytes: number): ChosenSet {
  const readable = listing.repositories.filter(({ problem }) => problem === null)
  const segments = [...new Set(readable.flatMap((one) => one.segments))].sort()
  return { set, segments, walBytes: bytesBetween(set.walStart, segments.at(-1), segmentBytes) }
}

function bytesBetween(first: string | null, last: string | undefined, segmentBytes: number): number {
  if (first === null || last === undefined || !isSegmentName(first) || !isSegmentName(last)) return 0
  const [from, to] = [first, last].map((name) => parseSegment(name, segmentBytes).number) as [number, number]
  return Math.max(0, to - from + 1) * segmentBytes
}
