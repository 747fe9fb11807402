import type { BackupReport } from '../../../common/backup/backup-report.ts'
import type { BackupRun } from '../../../common/backup/backup-run.ts'
import type { EngineListing } from '../engine.ts'
import type { ClusterBackups } from '../runs/cluster-backups.ts'

/** What the server says of its archiving; null where it is not known. */
export interface ArchiveState {
  readonly waitingSegments: number | null
  readonly waitingBytes: number | null
  readonly failingSinceMs: number | null
  readonly lastFailure: string | null
}

const most = { sets: 200, runs: 50, next: 16, gaps: 100, spans: 64, reason: 1_000 } as const

/** A member's report from what its repositories, its journal and its server say. */
export function buildReport(
  backups: Pick<ClusterBackups, 'policy' | 'engine' | 'turn' | 'running'>,
  about: {
    readonly node: string
    readonly nowMs: number
    readonly listing: EngineListing
    readonly runs: readonly BackupRun[]
    readonly next: BackupReport['next']
    readonly archive: ArchiveState
  },
): BackupReport {
  const { policy, engine } = backups
  const { node, nowMs, listing, runs, next, archive } = about
  const turn = backups.turn()
  return {
    cluster: policy.cluster,
    node,
    atMs: nowMs,
    engine: engine.kind,
    engineVersion: listing.version,
    stanza: policy.stanza,
    isRunner: turn.isRunner,
    runnerReason: turn.reason.slice(0, 500),
    next: next.slice(0, most.next),
    repositories: listing.repositories.map(({ segments, gaps, spans, reason, ...repository }) => ({
      ...repository,
      reason: reason.slice(0, most.reason),
      newestSegment: segments.at(-1) ?? null,
      gaps: gaps.slice(0, most.gaps),
      spans: spans.slice(-most.spans),
    })),
    sets: listing.sets.slice(-most.sets),
    archive,
    runs: runs.filter((run) => run.cluster === policy.cluster && run.node === node).slice(-most.runs),
    running: backups.running(),
  }
}
