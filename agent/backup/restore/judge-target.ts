import type { BackupSet } from '../../../common/backup/backup-report.ts'
import { BackupFailure } from '../backup-failure.ts'
import { chooseSet } from '../drill/choose-set.ts'
import type { ChosenSet } from '../drill/choose-set.ts'
import { describeTarget } from '../drill/recovery-end.ts'
import { isSegmentName, parseSegment, segmentOfLsn } from '../engine/segments.ts'
import type { EngineListing, RecoveryTarget } from '../engine.ts'

export interface TargetAsked {
  readonly target: RecoveryTarget
  /** A backup's label; the newest that leads there unless told. */
  readonly label?: string
  readonly repository?: number
}

/** A listing has the times of segments to the second; whether the point was reached is proven afterwards. */
const listedMs = 1_000
/** A backup's end is known to the second. */
const endUncertaintyMs = 1_000

/**
 * Finds the backup from which a point can be reached, by what the repositories list and before anything is touched. Whether there
 * is a transaction or a restore point of that name is in the log itself, and is found out by replaying it.
 * @throws BackupFailure target-unreachable, or archive-gap when segments on the way are missing
 */
export function judgeTarget(
  asked: TargetAsked,
  listing: EngineListing,
  nowMs: number,
  segmentBytes: number,
): ChosenSet {
  const { target, label, repository } = asked
  if (label !== undefined && !listing.sets.some((set) => set.label === label)) {
    throw unreachable(`there is no backup ${label}`)
  }
  if (listing.isWithoutArchive === true && target.kind !== 'latest' && target.kind !== 'immediate') {
    throw unreachable(
      `${describeTarget(target)} cannot be reached: pg_basebackup archives no log, so only the end of a backup can be restored`,
    )
  }
  const isNamed = (set: BackupSet): boolean => label === undefined || set.label === label
  const choose = (isFit: (set: BackupSet) => boolean): ChosenSet =>
    chooseSet(listing, repository, segmentBytes, isFit, describeTarget(target))
  switch (target.kind) {
    case 'immediate':
    case 'name':
      return choose(isNamed)
    case 'xid':
      if (!/^[1-9]\d{0,19}$/.test(target.value)) throw unreachable(`${target.value} is no transaction id`)
      return choose(isNamed)
    case 'latest': {
      const chosen = choose(isNamed)
      checkGaps(listing, chosen, Infinity, segmentBytes)
      return chosen
    }
    case 'time': {
      checkTime(target.atMs, target.text, listing, nowMs)
      const { atMs } = target
      const spans = listing.repositories.flatMap((one) => one.spans)
      // A backup before a gap does not lead to what is behind it.
      const from = Math.max(
        -Infinity,
        ...spans
          .filter((span) => span.fromMs <= atMs && atMs < span.toMs + listedMs)
          .map((span) => span.fromMs),
      )
      return choose(
        (set) => isNamed(set) && set.finishedMs + endUncertaintyMs <= atMs && set.finishedMs >= from,
      )
    }
    case 'lsn': {
      const number = segmentOfLsn(target.value, segmentBytes)
      if (number === undefined) throw unreachable(`${target.value} is no LSN, such as 0/3000060`)
      const chosen = choose((set) => isNamed(set) && numberOf(set.walStop, segmentBytes) <= number)
      if (!chosen.segments.some((name) => numberOf(name, segmentBytes) === number)) {
        throw unreachable(
          `the archive does not have the segment of LSN ${target.value}; its last one is ${chosen.segments.at(-1) ?? 'none'}`,
        )
      }
      checkGaps(listing, chosen, number, segmentBytes)
      return chosen
    }
  }
}

function checkTime(atMs: number, text: string, listing: EngineListing, nowMs: number): void {
  if (atMs > nowMs) throw unreachable(`${text} is in the future`)
  const spans = listing.repositories.flatMap((one) => one.spans)
  // An engine without an archive lists none.
  if (spans.length === 0 || spans.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs + listedMs)) return
  const lines = spans.map(({ fromMs, toMs }) => `from ${iso(fromMs)} to ${iso(toMs)}`)
  const last = Math.max(...spans.map(({ toMs }) => toMs))
  const hint = atMs > last ? '; what is younger is not archived yet, and pg_switch_wal() has it archived' : ''
  throw unreachable(`${text} cannot be reached; points can be ${lines.join(', ')}${hint}`)
}

/** @param until number of the segment where the way ends */
function checkGaps(listing: EngineListing, { set }: ChosenSet, until: number, segmentBytes: number): void {
  const from = numberOf(set.walStart, segmentBytes)
  const readable = listing.repositories.filter(({ problem }) => problem === null)
  for (const repository of readable) {
    const gap = repository.gaps.find((one) => {
      const [first = '', last = first] = one.split('..')
      return numberOf(last, segmentBytes) >= from && numberOf(first, segmentBytes) <= until
    })
    // What one repository lacks another may have: then it is not for this one to say.
    if (gap === undefined || readable.length > 1) continue
    const spans = repository.spans.map(({ fromMs, toMs }) => `from ${iso(fromMs)} to ${iso(toMs)}`)
    throw new BackupFailure(
      'archive-gap',
      `the archive lacks ${gap} on the way from ${set.label}; points can be reached ${spans.join(', ') || 'nowhere'}`,
    )
  }
}

function numberOf(name: string | null, segmentBytes: number): number {
  return name === null || !isSegmentName(name) ? Infinity : parseSegment(name, segmentBytes).number
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function unreachable(message: string): BackupFailure {
  return new BackupFailure('target-unreachable', message)
}

/** For the plan: what nobody can know before. */
export function doubtsOf(target: RecoveryTarget): readonly string[] {
  return target.kind === 'name' || target.kind === 'xid'
    ? [
        `Whether the log of this backup has ${describeTarget(target)} is found out on the way; where it lies before the backup, an earlier one has to be named.`,
      ]
    : []
}
