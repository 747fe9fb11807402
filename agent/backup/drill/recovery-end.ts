import { BackupFailure } from '../backup-failure.ts'
import type { RecoveryTarget } from '../engine.ts'
import type { RecoveryLog } from './recovery-log.ts'
import { isSegmentName, parseSegment, segmentName, segmentOfLsn } from '../engine/segments.ts'

/** What recovery was asked for. */
export interface RecoveryAsked {
  readonly target: RecoveryTarget
  /**
   * Segments that the archive had before the restore began, sorted: the end of the log must be that of the last one. Empty where
   * there is no archive, so that the end of the log is wherever it is.
   */
  readonly segments: readonly string[]
  readonly segmentBytes: number
}

/** Of what was asked for as part of a sentence. */
export function describeTarget(target: RecoveryTarget): string {
  switch (target.kind) {
    case 'latest':
      return 'the end of the log'
    case 'immediate':
      return 'the end of the backup'
    case 'time':
      return `the time ${target.text}`
    case 'xid':
      return `transaction ${target.value}`
    case 'lsn':
      return `LSN ${target.value}`
    case 'name':
      return `restore point ${target.value}`
  }
}

/**
 * Looks whether a recovery that is over has come to where it was to go. A server that misses a segment opens for writing as if
 * nothing were missing: only this comparison finds it.
 * @param replayedTo LSN behind the last record
 * @throws BackupFailure target-unreachable, archive-gap where a segment is missing that others follow, or checksum for a damaged one
 */
export function checkReached(asked: RecoveryAsked, log: RecoveryLog, replayedTo: string): void {
  const { target, segments, segmentBytes } = asked
  if (target.kind !== 'latest') {
    if (log.stop !== null) return
    // PostgreSQL before 13 opens without a word.
    throw new BackupFailure(
      'target-unreachable',
      [
        `recovery ended at LSN ${replayedTo} without having met ${describeTarget(target)}`,
        ...hints(log),
        ...xidHint(target),
      ].join('; '),
    )
  }
  const last = segments.at(-1)
  if (last === undefined || (log.restoredSegment !== null && log.restoredSegment >= last)) return
  // The log came with the backup and not from the archive.
  const isWithout = log.restoredSegment === null && isSegmentName(last)
  const replayed = segmentOfLsn(replayedTo, segmentBytes)
  if (isWithout && replayed !== undefined && replayed >= parseSegment(last, segmentBytes).number) return
  throw endedEarly(asked, log, `LSN ${replayedTo}`)
}

/** Also for a server that noticed itself: archive-gap or checksum where a segment is to blame, else target-unreachable. */
export function endedEarly(asked: RecoveryAsked, log: RecoveryLog, where: string): BackupFailure {
  const { segments, segmentBytes } = asked
  const last = segments.at(-1)
  const next = log.restoredSegment === null ? undefined : behind(log.restoredSegment, segmentBytes)
  const follows = segments.findLast((name) => next !== undefined && isBehind(name, next))
  if (next !== undefined && follows !== undefined && !segments.includes(next)) {
    return new BackupFailure(
      'archive-gap',
      `recovery ended at ${where}: segment ${next} is missing in the archive, which goes on until ${follows}; nothing behind it can be restored`,
      { details: { missing: next, last: follows } },
    )
  }
  if (next !== undefined && isDamaged(next, log.archiveError)) {
    return new BackupFailure(
      'checksum',
      `recovery ended at ${where}: segment ${next} of the archive is damaged, and nothing behind it can be restored (${log.archiveError})`,
      { details: { damaged: next, last } },
    )
  }
  const facts = [
    ...(last === undefined ? [] : [`the archive has segments until ${last}`]),
    ...hints(log),
    ...xidHint(asked.target),
  ]
  return new BackupFailure(
    'target-unreachable',
    [`recovery ended at ${where} before ${describeTarget(asked.target)}`, ...facts].join('; '),
  )
}

/** By what archive-get says of a file that it cannot read: its name, and the class of the error. */
function isDamaged(name: string, archiveError: string | null): archiveError is string {
  return archiveError?.includes(name) === true && /\[(Checksum|Crypto|Format)Error\]/.test(archiveError)
}

/** On the same timeline. */
function isBehind(name: string, other: string): boolean {
  return name > other && name.slice(0, 8) === other.slice(0, 8)
}

function behind(name: string, segmentBytes: number): string {
  const { timeline, number } = parseSegment(name, segmentBytes)
  return segmentName({ timeline, number: number + 1 }, segmentBytes)
}

/** Recovery compares with the transaction of a commit or abort record (xlogrecovery.c), and those of subtransactions are not among them. */
function xidHint({ kind }: RecoveryTarget): readonly string[] {
  return kind === 'xid'
    ? [
        'if it is a subtransaction, of a savepoint or an exception block, the xid of its outer transaction is meant: that one has the commit record',
      ]
    : []
}

function hints({ archiveError, restoredSegment, lastCommit }: RecoveryLog): readonly string[] {
  return [
    ...(lastCommit === null ? [] : [`the last commit in it is of ${lastCommit}`]),
    ...(restoredSegment === null ? [] : [`the last segment that it got is ${restoredSegment}`]),
    ...(archiveError === null ? [] : [`getting one failed with: ${archiveError}`]),
  ]
}
