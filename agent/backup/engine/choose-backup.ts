import type { BackupSet } from '../../../common/backup/backup-report.ts'
import type { RecoveryTarget, RestoreRequest } from '../engine.ts'
import type { ListedSet } from './ask-info.ts'
import type { RepositoryLook } from './look-at-repository.ts'
import { parseSegment, segmentOfLsn, timelineOf } from './segments.ts'
import { describeGap } from './wal-continuity.ts'
import type { WalRun } from './wal-continuity.ts'

export interface ChosenBackup {
  readonly label: string
  readonly timeline: number
}

/** Times of backups and of the archive are whole seconds, cut off. */
const secondMs = 1000

type Asked = Pick<RestoreRequest, 'target' | 'timeline' | 'label'>

/**
 * The last backup of a repository from which a target can be reached without a gap, and the timeline to go along: the newest one
 * unless told, as PostgreSQL does it. Transactions and names of restore points are not known here: for them it is the newest
 * backup, and whether they were reached shows in the end.
 * @returns a sentence when there is none
 */
export function chooseBackup(look: RepositoryLook, asked: Asked): ChosenBackup | string {
  const timelines = timelinesOf(look)
  const name = `repository ${look.info.repository}`
  const sets = look.info.sets.filter(({ set }) => asked.label === undefined || set.label === asked.label)
  if (sets.length === 0)
    return asked.label === undefined ? `${name} has no backup` : `${name} has no backup ${asked.label}`
  const timeline = wantedTimeline(asked.timeline, timelines, sets)
  if (timeline === undefined)
    return `${asked.timeline ?? ''} is no timeline; say latest, current or its number`
  const found = onTimeline(look, asked, timeline)
  if (found !== undefined) return { label: found.label, timeline }
  // The end of another timeline is another point; a time or a position may be there too.
  const isPoint = asked.target.kind === 'time' || asked.target.kind === 'lsn'
  const other = timelines.findLast(
    (one) => isPoint && one !== timeline && onTimeline(look, asked, one) !== undefined,
  )
  const hint = other === undefined ? '' : `; along timeline ${other} it can be reached`
  return `${name}: ${whyNot(look, asked, timeline)}${hint}`
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

function onTimeline(look: RepositoryLook, asked: Asked, timeline: number): BackupSet | undefined {
  const runs = look.continuity.runs.filter((run) => run.timeline === timeline)
  const candidates = runs.flatMap((run) =>
    run.sets.filter(
      (set) =>
        (asked.label === undefined || set.label === asked.label) && leadsTo(look, run, set, asked.target),
    ),
  )
  return candidates.sort((a, b) => a.finishedMs - b.finishedMs).at(-1)
}

function leadsTo(look: RepositoryLook, run: WalRun, set: BackupSet, target: RecoveryTarget): boolean {
  switch (target.kind) {
    case 'latest':
      return run.isNewest
    case 'time':
      return set.finishedMs + secondMs <= target.atMs && target.atMs < run.endMs + secondMs
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

function whyNot(look: RepositoryLook, { target, label }: Asked, timeline: number): string {
  const runs = look.continuity.runs.filter((run) => run.timeline === timeline)
  const { gaps } = look.continuity
  const gap = gaps.length === 0 ? '' : `, for WAL is missing: ${gaps.slice(0, 3).map(describeGap).join(', ')}`
  const what = label === undefined ? 'no backup' : `not even backup ${label}`
  const sets = runs.flatMap((run) => run.sets).sort((a, b) => a.finishedMs - b.finishedMs)
  const first = sets[0]
  if (first === undefined) return `${what} leads along timeline ${timeline}${gap}`
  if (target.kind === 'time') {
    if (target.atMs < first.finishedMs + secondMs) {
      return `${target.text} is before the end of the first backup, ${first.label}, at ${timeOf(first.finishedMs)}`
    }
    const endMs = Math.max(...runs.map((run) => run.endMs))
    if (target.atMs >= endMs + secondMs)
      return `${target.text} is behind the last archived WAL, of ${timeOf(endMs)}`
    const before = runs.filter((run) => run.sets.length > 0 && run.endMs < target.atMs).at(-1)
    const until = before === undefined ? '' : `; until ${timeOf(before.endMs)} it can be restored`
    return `${what} leads to ${target.text}${gap}${until}`
  }
  if (target.kind === 'lsn') return `${what} leads to position ${target.value} on timeline ${timeline}${gap}`
  return `${what} leads to the end of the log on timeline ${timeline}${gap}`
}

/** Such as `2026-11-23 10:00:00+00`. */
export function timeOf(ms: number): string {
  return `${new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.000Z$|Z$/, '')}+00`
}
