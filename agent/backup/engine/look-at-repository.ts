import type { BackupProblem } from '../../../common/backup/backup-problem.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { ArchiveLister, ArchiveListing } from './archive-listing.ts'
import type { RepositoryInfo } from './ask-info.ts'
import { inferSegmentBytes } from './segments.ts'
import { walContinuity } from './wal-continuity.ts'
import type { WalContinuity } from './wal-continuity.ts'

/** All that is known of a repository without reading what is in its files. */
export interface RepositoryLook {
  readonly info: RepositoryInfo
  readonly archive: ArchiveListing
  readonly segmentBytes: number
  readonly continuity: WalContinuity
  /** Of `info`, or of listing the archive. */
  readonly problem: BackupProblem | null
  readonly reason: string
}

const nothing: ArchiveListing = { segments: [], twice: [], histories: new Map(), sizeBytes: 0 }

/** Never rejects for an archive that cannot be listed: that is in `problem`. @throws PgherdError CANCELLED, BackupFailure timed-out */
export async function lookAtRepository(
  info: RepositoryInfo,
  lister: ArchiveLister,
  options: { readonly signal: AbortSignal; readonly isFresh?: boolean },
): Promise<RepositoryLook> {
  const { repository, archiveId, firstSegment } = info
  let { problem, reason } = info
  let archive = nothing
  if (problem === null && archiveId !== null) {
    try {
      archive = await lister.list({ repository, archiveId, firstSegment }, options)
    } catch (error) {
      if (options.signal.aborted || !(error instanceof BackupFailure)) throw error
      ;({ problem, message: reason } = error)
    }
  }
  const pairs = info.sets.flatMap(({ set, lsnStart }) =>
    lsnStart === null || set.walStart === null ? [] : [{ lsn: lsnStart, name: set.walStart }],
  )
  const { segments, histories } = archive
  const segmentBytes = inferSegmentBytes(
    pairs,
    segments.map(({ name }) => name),
  )
  const sets = info.sets.map(({ set }) => set)
  const continuity = walContinuity({ segments, histories, segmentBytes }, problem === null ? sets : [])
  return { info, archive, segmentBytes, continuity, problem, reason }
}
