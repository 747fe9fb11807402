import { BackupFailure } from '../backup-failure.ts'
import type { RecoveryTarget } from '../engine.ts'
import { segmentOfLsn, usualSegmentBytes } from './segments.ts'

/** What can be said of a target without any backup. @throws BackupFailure target-unreachable */
export function checkTarget(target: RecoveryTarget, nowMs: number): void {
  const why = wrongWith(target, nowMs)
  if (why !== undefined) throw new BackupFailure('target-unreachable', why)
}

function wrongWith(target: RecoveryTarget, nowMs: number): string | undefined {
  switch (target.kind) {
    case 'time':
      return target.atMs > nowMs ? `${target.text} is in the future` : undefined
    case 'xid':
      return /^[1-9]\d{0,19}$/.test(target.value) ? undefined : `${target.value} is no transaction id`
    case 'lsn':
      return segmentOfLsn(target.value, usualSegmentBytes) === undefined
        ? `${target.value} is no LSN, such as 0/3000060`
        : undefined
    case 'name':
      if (target.value.trim() === '') return 'the name of a restore point is more than blanks'
      return /\p{Cc}/u.test(target.value)
        ? 'the name of a restore point has no control characters'
        : undefined
    case 'latest':
    case 'immediate':
      return undefined
  }
}
