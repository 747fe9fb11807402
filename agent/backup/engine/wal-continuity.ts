import type { BackupSet, RepositoryReport } from '../../../common/backup/backup-report.ts'
import type { TimelineSwitch } from './history-file.ts'
import { isSegmentName, parseSegment, segmentName } from './segments.ts'
import { isOnPath, pathTo } from './timeline-path.ts'
import type { PathPiece } from './timeline-path.ts'

/** The WAL of one database system in one repository. */
export interface ArchivedWal {
  /** Sorted by name, each once; with when each came, milliseconds since the epoch. */
  readonly segments: readonly { readonly name: string; readonly archivedMs: number }[]
  /** Of timelines, their ancestors with where each was left. */
  readonly histories: ReadonlyMap<number, readonly TimelineSwitch[]>
  readonly segmentBytes: number
}

/** Segments without a gap on the way to a timeline, with the backups from which they lead on. */
export interface WalRun {
  /** The timeline to recover to; the segments may be of its ancestors. */
  readonly timeline: number
  /** Numbers of the first and the last segment. */
  readonly first: number
  readonly last: number
  /** When the last one came: whatever was committed later is not in it. */
  readonly endMs: number
  /** Backups all of whose segments are in it, in the order of their ends. */
  readonly sets: readonly BackupSet[]
  /** No segment of the timeline is behind it. */
  readonly isNewest: boolean
}

export interface WalGap {
  readonly first: string
  readonly last: string
  readonly count: number
}

export interface WalContinuity {
  /** From the first segment that the oldest backup needs on; in the order of their names. */
  readonly gaps: readonly WalGap[]
  /** For each timeline, also those that others went on from. */
  readonly runs: readonly WalRun[]
  /** Where any point can be restored, by the timeline to recover to. */
  readonly spans: RepositoryReport['spans']
}

interface Piece extends PathPiece {
  readonly present: readonly Present[]
}

interface Present {
  readonly number: number
  readonly archivedMs: number
}

/**
 * Looks for gaps in an archive. pgBackRest's verify, check and info do not tell of them, and recovery ends at one as if it were
 * the end of the log. A span ends when its last segment came into the archive: commits until about then are in it; the exact end,
 * its last commit, is within the segment.
 */
export function walContinuity(wal: ArchivedWal, sets: readonly BackupSet[]): WalContinuity {
  const byTimeline = groupByTimeline(wal)
  const timelines = [...new Set([...byTimeline.keys(), ...wal.histories.keys()])].sort((a, b) => a - b)
  const paths = new Map(
    timelines.map((timeline) => [timeline, pathTo(timeline, wal.histories, wal.segmentBytes)]),
  )
  const gaps = new Map<string, WalGap>()
  const runs: WalRun[] = []
  for (const [timeline, path] of paths) {
    const own = sets.filter((set) => isSetOnPath(set, path, wal.segmentBytes))
    const needed = Math.min(...own.map((set) => numberOf(set.walStart, wal.segmentBytes)))
    if (needed === Infinity) continue
    const found = runsOn(timeline, piecesOf(path, byTimeline, needed), own, wal.segmentBytes)
    for (const gap of found.gaps) gaps.set(gap.first, longer(gap, gaps.get(gap.first)))
    runs.push(...found.runs)
  }
  return {
    gaps: [...gaps.values()].sort((a, b) => (a.first < b.first ? -1 : 1)),
    runs,
    spans: spansOf(runs, byTimeline, paths),
  }
}

function groupByTimeline({ segments, segmentBytes }: ArchivedWal): ReadonlyMap<number, Present[]> {
  const byTimeline = new Map<number, Present[]>()
  for (const { name, archivedMs } of segments) {
    const { timeline, number } = parseSegment(name, segmentBytes)
    const present = byTimeline.get(timeline) ?? []
    if (present.length === 0) byTimeline.set(timeline, present)
    present.push({ number, archivedMs })
  }
  return byTimeline
}

function piecesOf(
  path: readonly PathPiece[],
  byTimeline: ReadonlyMap<number, readonly Present[]>,
  needed: number,
): readonly Piece[] {
  return path.flatMap((piece) => {
    const from = Math.max(piece.from, needed)
    if (from >= piece.to) return []
    const all = byTimeline.get(piece.timeline) ?? []
    const present = all.filter(({ number }) => from <= number && number < piece.to)
    return [{ ...piece, from, present }]
  })
}

function runsOn(
  timeline: number,
  pieces: readonly Piece[],
  sets: readonly BackupSet[],
  segmentBytes: number,
): { readonly gaps: readonly WalGap[]; readonly runs: readonly WalRun[] } {
  const gaps: WalGap[] = []
  const bounds: { first: number; last: number; endMs: number }[] = []
  let current: { first: number; last: number; endMs: number } | undefined
  // What is missing behind the last segment of all has not been written yet.
  const ends = pieces.findLastIndex(({ present }) => present.length > 0)
  for (const [index, piece] of pieces.entries()) {
    if (index > ends) break
    let next = piece.from
    const miss = (until: number): void => {
      if (until <= next) return
      const name = (number: number): string => segmentName({ timeline: piece.timeline, number }, segmentBytes)
      gaps.push({ first: name(next), last: name(until - 1), count: until - next })
      current = undefined
    }
    for (const { number, archivedMs } of piece.present) {
      miss(number)
      if (current === undefined) bounds.push((current = { first: number, last: number, endMs: archivedMs }))
      else Object.assign(current, { last: number, endMs: archivedMs })
      next = number + 1
    }
    if (index < ends) miss(piece.to)
  }
  const runs = bounds.map((bound): WalRun => {
    const inside = sets.filter(
      ({ walStart, walStop }) =>
        bound.first <= numberOf(walStart, segmentBytes) && numberOf(walStop, segmentBytes) <= bound.last,
    )
    inside.sort((a, b) => a.finishedMs - b.finishedMs)
    return { timeline, ...bound, sets: inside, isNewest: bound === bounds.at(-1) }
  })
  return { gaps, runs }
}

const secondMs = 1000

/** pgBackRest cuts the end of a backup off to the second: only from the next one on it is sure that a time is behind it. */
export function reachableFromMs({ finishedMs }: Pick<BackupSet, 'finishedMs'>): number {
  return finishedMs + secondMs
}

/** One per run that leads on from a backup, of timelines that have segments which no other one goes through. */
function spansOf(
  runs: readonly WalRun[],
  byTimeline: ReadonlyMap<number, readonly Present[]>,
  paths: ReadonlyMap<number, readonly PathPiece[]>,
): RepositoryReport['spans'] {
  const isLeaf = (timeline: number): boolean => {
    const last = byTimeline.get(timeline)?.at(-1)
    if (last === undefined) return false
    return [...byTimeline.keys()].every(
      (other) => other === timeline || !isOnPath(paths.get(other) ?? [], timeline, last.number),
    )
  }
  return runs
    .filter(({ timeline, sets }) => sets.length > 0 && isLeaf(timeline))
    .map(({ timeline, sets, endMs }) => {
      const fromMs = reachableFromMs(sets[0]!)
      // The archive's times may be whole seconds.
      return { fromMs, toMs: Math.max(fromMs, endMs), timeline }
    })
    .sort((a, b) => a.fromMs - b.fromMs || a.timeline - b.timeline)
}

function isSetOnPath(
  { walStart, walStop }: BackupSet,
  path: readonly PathPiece[],
  segmentBytes: number,
): boolean {
  return [walStart, walStop].every((name) => {
    if (name === null || !isSegmentName(name)) return false
    const { timeline, number } = parseSegment(name, segmentBytes)
    return isOnPath(path, timeline, number)
  })
}

function numberOf(name: string | null, segmentBytes: number): number {
  return name === null ? Infinity : parseSegment(name, segmentBytes).number
}

function longer(gap: WalGap, other: WalGap | undefined): WalGap {
  return other === undefined || gap.count > other.count ? gap : other
}

/** `first..last`, or one name. */
export function describeGap({ first, last }: WalGap): string {
  return first === last ? first : `${first}..${last}`
}
