import type { Evidence } from '../evidence/evidence.ts'
import type { UsualFigures } from './guard/judge.ts'

const hourSeconds = 3_600

/** What is usual for a server by the history of some hours, in the guard's own figures. */
export function usualFigures(evidence: Evidence | undefined): UsualFigures {
  if (evidence === undefined) return {}
  const [commits, rollbacks] = [
    evidence.perSecond('database.xact_commit'),
    evidence.perSecond('database.xact_rollback'),
  ]
  const checkpoints = evidence.perSecond('checkpoints.requested')
  const known: readonly (readonly [keyof UsualFigures, number | undefined])[] = [
    ['transactionsPerSecond', commits === undefined ? undefined : commits + (rollbacks ?? 0)],
    ['rollbacksPerSecond', rollbacks],
    ['checkpointsPerHour', checkpoints === undefined ? undefined : checkpoints * hourSeconds],
    ['tempBytesPerSecond', evidence.perSecond('database.temp_bytes')],
    ['activeSessions', evidence.mean('activity.active')],
  ]
  return Object.fromEntries(known.filter(([, value]) => value !== undefined))
}
