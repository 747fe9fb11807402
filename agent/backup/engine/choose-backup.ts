import type { BackupSet } from '../../../common/backup/backup-report.ts'
import type { RecoveryTarget, TargetRequest } from '../engine.ts'
import type { ListedSet } from './ask-info.ts'
import type { RepositoryLook } from './look-at-repository.ts'
import { parseSegment, segmentName, segmentOfLsn, timelineOf } from './segments.ts'
import { describeGap, reachableFromMs } from './wal-continuity.ts'
import type { WalRun } from './wal-continuity.ts'

/** A backup and the timeline to go along. */
export interface ChosenBackup {
  readonly set: BackupSet
  readonly timeline: number
}

/** Why there is none, in a sentence. */
export interface NoBackup {
  readonly problem: 'target-unreachable' | 'archive-gap'
  readonly reason: string
}

/** Times of the archive are whole seconds, cut off. */
const secondMs = 1000

/**
 * The last backup of a repository from which a target can be reached without a gap, and the timeline to go along: the newest one
 * unless told, as PostgreSQL does it. Transactions and names of restore points are not known here: for them it is the newest
 * backup, and whether they were reached shows in the end.
 */
export function chooseBackup(look: RepositoryLook, asked: TargetRequest): ChosenBackup | NoBackup {
  const timelines = timelinesOf(look)
  const name = `repository ${look.info.repository}`
  const unreachable = (reason: string): NoBackup => ({ problem: 'target-unreachable', reason })
  const sets = look.info.sets.filter(({ set }) => asked.label === undefined || set.label === asked.label)
  if (sets.length === 0) {
    return unreachable(
      asked.label === undefined
        ? `${name} has no backup`
        : `${name} has no backup ${asked.label}${points(look)}`,
    )
  }
  const timeline = wantedTimeline(asked.timeline, timelines, sets)
  if (timeline === undefined) {
    return unreachable(`${asked.timeline ?? ''} is no timeline; say latest, current or its number`)
  }
  const set = onTimeline(look, asked, timeline)
  if (set !== undefined) {
    const rival = asked.timeline === undefined ? rivalOf(look, asked, timeline) : undefined
    if (rival === undefined) return { set, timeline }
    return unreachable(
      `${name}: two timelines lead to that time, with different data: timeline ${rival} was written on until then, and timeline ${timeline} had left it before; say ${rival} for what the cluster had at that time, or ${timeline} (--timeline)`,
    )
  }
  // The end of another timeline is another point; a time or a position may be there too.
  const isPoint = asked.target.kind === 'time' || asked.target.kind === 'lsn'
  const other = timelines.findLast(
    (one) => isPoint && one !== timeline && onTimeline(look, asked, one) !== undefined,
  )
  const hint = other === undefined ? '' : `; along timeline ${other} it can be reached`
  const { problem, reason } = whyNot(look, asked, timeline)
  return { problem, reason: `${name}: ${reason}${hint}` }
}

function timelinesOf({ archive, info }: RepositoryLook): readonly number[] {
  const ofSegments = archive.segments.map(({ name }) => timelineOf(name))
  const ofSets = info.sets.flatMap(({ set }) => (set.walStart === null ? [] : [timelineOf(set.walStart)]))
  return [...new Set([...ofSegments, ...ofSets, ...archive.histories.keys()])].sort((a, b) => a - b)
}

function wantedTimeline(
  asked: string | undefined,
  timelines: readonly number[],
  sets: readonly ListedSet[],
): number | undefined {
  if (asked === undefined || asked === 'latest') return timelines.at(-1)
  const start = sets.at(-1)?.set.walStart ?? null
  if (asked === 'current') return start === null ? undefined : timelineOf(start)
  return /^(?:[1-9]\d*|0x[\da-f]+)$/i.test(asked) ? Number(asked) : undefined
}

function onTimeline(look: RepositoryLook, asked: TargetRequest, timeline: number): BackupSet | undefined {
  const runs = look.continuity.runs.filter((run) => run.timeline === timeline)
  const candidates = runs.flatMap((run) =>
    run.sets.filter(
      (set) =>
        (asked.label === undefined || set.label === asked.label) && leadsTo(look, run, set, asked.target),
    ),
  )
  return candidates.sort((a, b) => a.finishedMs - b.finishedMs).at(-1)
}

/**
 * The timeline that the cluster was on at a time, where the one to go along had left it before and was only made later, as by a restore in
 * place: PostgreSQL would stop at the switch, in front of the first commit of the newer one, and call that the time.
 */
function rivalOf(look: RepositoryLook, asked: TargetRequest, timeline: number): number | undefined {
  const { target } = asked
  if (target.kind !== 'time') return undefined
  const { archive, continuity, segmentBytes } = look
  return (archive.histories.get(timeline) ?? []).find((left) => {
    const number = segmentOfLsn(left.lsn, segmentBytes)
    if (number === undefined) return false
    const before = archive.segments.find(
      ({ name }) => name === segmentName({ timeline: left.timeline, number: number - 1 }, segmentBytes),
    )
    // What is older than the segment before the switch is the same on both.
    if (before !== undefined && target.atMs <= before.archivedMs) return false
    return (
      continuity.runs.some(
        (run) => run.timeline === left.timeline && number <= run.last && target.atMs < run.endMs,
      ) && onTimeline(look, asked, left.timeline) !== undefined
    )
  })?.timeline
}

function leadsTo(look: RepositoryLook, run: WalRun, set: BackupSet, target: RecoveryTarget): boolean {
  switch (target.kind) {
    case 'latest':
      return run.isNewest
    case 'time':
      return reachableFromMs(set) <= target.atMs && target.atMs < run.endMs + secondMs
    case 'lsn': {
      const number = segmentOfLsn(target.value, look.segmentBytes)
      return number !== undefined && number <= run.last && endsBefore(look, set, number, target.value)
    }
    case 'immediate':
    case 'xid':
    case 'name':
      return true
  }
}

function endsBefore(
  { info, segmentBytes }: RepositoryLook,
  set: BackupSet,
  number: number,
  lsn: string,
): boolean {
  const stop = set.walStop === null ? Infinity : parseSegment(set.walStop, segmentBytes).number
  if (stop !== number) return stop < number
  const stopLsn = info.sets.find((one) => one.set.label === set.label)?.lsnStop ?? null
  return stopLsn !== null && positionOf(stopLsn) <= positionOf(lsn)
}

function positionOf(lsn: string): number {
  const [high = '', low = ''] = lsn.split('/')
  return Number.parseInt(high, 16) * 2 ** 32 + Number.parseInt(low, 16)
}

function whyNot(look: RepositoryLook, { target, label }: TargetRequest, timeline: number): NoBackup {
  const runs = look.continuity.runs.filter((run) => run.timeline === timeline)
  const { gaps } = look.continuity
  const gap = gaps.length === 0 ? '' : `, for WAL is missing: ${gaps.slice(0, 3).map(describeGap).join(', ')}`
  const what = label === undefined ? 'no backup' : `not even backup ${label}`
  const unreachable = (reason: string): NoBackup => ({ problem: 'target-unreachable', reason })
  const behind = (reason: string): NoBackup => ({
    problem: gaps.length > 0 ? 'archive-gap' : 'target-unreachable',
    reason: `${reason}${gap}${points(look)}`,
  })
  const sets = runs.flatMap((run) => run.sets).sort((a, b) => a.finishedMs - b.finishedMs)
  const first = sets[0]
  if (first === undefined) return behind(`${what} leads along timeline ${timeline}`)
  if (target.kind === 'time') {
    if (target.atMs < reachableFromMs(first)) {
      return unreachable(
        `${target.text} is before the end of the first backup, ${first.label}, at ${timeOf(reachableFromMs(first))}${points(look)}`,
      )
    }
    const endMs = Math.max(...runs.map((run) => run.endMs))
    if (target.atMs >= endMs + secondMs) {
      return unreachable(
        `${target.text} is behind the last archived WAL, of ${timeOf(endMs)}; what is younger is not archived yet, and pg_switch_wal() has it archived${points(look)}`,
      )
    }
    return behind(`${what} leads to ${target.text}`)
  }
  if (target.kind === 'lsn') {
    const number = segmentOfLsn(target.value, look.segmentBytes) ?? Infinity
    const reason = `${what} leads to position ${target.value} on timeline ${timeline}`
    const last = Math.max(...runs.map((run) => run.last))
    if (number > last) {
      const name = segmentName({ timeline, number: last }, look.segmentBytes)
      return unreachable(`${reason}, whose last archived segment is ${name}`)
    }
    const begin = first.walStart ?? ''
    const isBefore = begin !== '' && number < parseSegment(begin, look.segmentBytes).number
    return isBefore ? unreachable(`${reason}, and the first one begins in ${begin}`) : behind(reason)
  }
  return behind(`${what} leads to the end of the log on timeline ${timeline}`)
}

/** Of many timelines and gaps only the newest. */
const mostSpans = 8

function points({ continuity }: RepositoryLook): string {
  const spans = continuity.spans.slice(-mostSpans).map(({ fromMs, toMs, timeline }) => {
    // Behind the last second of a backup that has just ended there may be no log yet.
    const hasLog = continuity.runs.some((run) => run.timeline === timeline && fromMs < run.endMs + secondMs)
    const where = hasLog
      ? `from ${timeOf(fromMs)} to ${timeOf(toMs)}`
      : `at the end of its backup (immediate)`
    return `${where} on timeline ${timeline}`
  })
  return spans.length === 0 ? '' : `; points can be reached ${spans.join(', ')}`
}

/** Such as `2026-11-23 10:00:00+00`. */
export function timeOf(ms: number): string {
  return `${new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.000Z$|Z$/, '')}+00`
}
