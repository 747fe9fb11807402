import type { ClusterView } from '../../common/health/cluster-view.ts'
import type { PatroniView } from '../../common/health/instance-health.ts'
import type { SeenChange, SeenFailover } from './cluster-history.ts'
import { judgeCluster } from './judge-cluster.ts'
import { createMemberChanges } from './member-changes.ts'
import type { NewEvent } from '../../common/wire/events.ts'
import { createPrimaryWatch } from './primary-watch.ts'
import { printBytes, printSeconds } from './print-figures.ts'
import type { Report } from './report.ts'
import type { KnownLoss } from './return-watch.ts'
import { createStanding } from './standing.ts'

/** One cluster through time: its view, and what changes in it. */
export interface ClusterWatch {
  /** Judges anew and returns what has happened since the last time. */
  look(reports: readonly Report[], nowMs: number): readonly NewEvent[]
  /** As of the last look. */
  readonly view: ClusterView | undefined
  /** It has to be looked at again without a new report. */
  readonly isPending: boolean
}

type Settings = PatroniView['settings']

/** @param failovers that were seen before the collector's start, oldest first */
export function createClusterWatch(
  cluster: string,
  isBeginning: () => boolean,
  failovers: readonly SeenFailover[],
): ClusterWatch {
  const standing = createStanding()
  const primaries = createPrimaryWatch(failovers)
  const members = createMemberChanges(cluster, isBeginning)
  let view: ClusterView | undefined
  let timeline: number | null = null
  let settings: Settings | undefined

  const event = (type: NewEvent['type'], node: string, text: string): NewEvent => ({
    type,
    node,
    cluster,
    text,
    command: null,
  })
  const changeEvent = (changed: SeenChange): NewEvent => ({
    ...event(changed.kind, changed.change.to, describe(changed)),
    change: changed.change,
  })
  const lossEvents = (loss: KnownLoss): readonly NewEvent[] => {
    const { kind, change, lostBytes } = loss
    if (kind === 'switchover' && lostBytes === 0) return []
    const text = describeReturn(loss)
    return [{ ...event('failover-loss', change.from, text), change: { ...change, lostBytes } }]
  }
  const timelineEvents = (now: ClusterView): readonly NewEvent[] => {
    const before = timeline
    if (now.timeline === null) return []
    timeline = now.timeline
    if (before === null || before === now.timeline || now.primary === null) return []
    const end = now.members
      .flatMap(({ health }) => health.patroni?.history ?? [])
      .find((entry) => entry.timeline === before)
    const where =
      end?.position == null
        ? ''
        : `; timeline ${before} ended at ${printPosition(end.position)}: ${end.reason}`
    return [event('timeline-changed', now.primary, `is on timeline ${now.timeline}, after ${before}${where}`)]
  }
  const settingEvents = (now: ClusterView): readonly NewEvent[] => {
    // Of the primary's Patroni alone: others read a change a little later, which would tell it again.
    const patroni = now.members.find(({ server }) => server === now.primary)?.health.patroni
    if (patroni?.isReachable !== true || patroni.settings.ttlSeconds === null) return []
    const before = settings
    settings = patroni.settings
    const changed = before === undefined ? [] : changedSettings(before, settings)
    return changed.length === 0
      ? []
      : [event('config-changed', '', `Patroni of ${cluster}: ${changed.join('; ')}`)]
  }
  return {
    look(reports, nowMs) {
      const before = view
      const { failovers, leaderships, streamed } = primaries
      const judged = judgeCluster(cluster, reports, { nowMs, history: { failovers, leaderships, streamed } })
      view = standing.view(judged, nowMs)
      const { changed, loss } = primaries.look(view, nowMs)
      return [
        ...(changed === undefined ? [] : [changeEvent(changed)]),
        ...(loss === undefined ? [] : lossEvents(loss)),
        ...timelineEvents(view),
        ...members.look(view.members),
        ...settingEvents(view),
        ...(before === undefined || before.status === view.status
          ? []
          : [event('cluster-status', '', describeStatus(before, view))]),
      ]
    },
    get view() {
      return view
    },
    get isPending() {
      return standing.isPending
    },
  }
}

function describe({ kind, change: { from, durationMs }, loss }: SeenChange): string {
  const what = kind === 'failover' ? `took over from ${from}` : `was switched over to from ${from}`
  return `${what}: ${printSeconds(durationMs)} from the last sign of the old primary to the new one; ${loss}`
}

function describeReturn({ change: { to }, timeline, position, lostBytes, isAll }: KnownLoss): string {
  const log = `its log of timeline ${timeline}`
  if (lostBytes === 0) return `is back: nothing of ${log} is missing on ${to}`
  const least = isAll ? '' : 'at least '
  return `is back: ${least}${printBytes(lostBytes)} of ${log}, which was seen to reach ${printPosition(position)}, is missing on ${to} and lost`
}

function describeStatus(before: ClusterView, { cluster, status, judgements }: ClusterView): string {
  const worst = judgements[0]?.reason
  return `${cluster} is ${status} now, and was ${before.status}${worst === undefined ? '' : `: ${worst}`}`
}

function changedSettings(before: Settings, now: Settings): readonly string[] {
  return (Object.keys(now) as (keyof Settings)[])
    .filter((key) => before[key] !== now[key])
    .map((key) => `${key} ${before[key]} -> ${now[key]}`)
}

/** As PostgreSQL writes a position in the log: `0/3000060`. */
function printPosition(position: number): string {
  const low = position % 2 ** 32
  return `${((position - low) / 2 ** 32).toString(16).toUpperCase()}/${low.toString(16).toUpperCase()}`
}
