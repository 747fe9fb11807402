import { labelKey, labelSet } from '../../../../common/series/label-set.ts'
import type { ToldAlert } from './notification.ts'
import type { LogEntry } from './notify-log.ts'
import type { Route } from './route.ts'

/** An alert of a group as it stands now. */
export interface GroupAlert extends ToldAlert {
  readonly key: string
  /** Nobody is told of it: it is silenced, or another alert tells it. */
  readonly isMuted: boolean
  /** Only an earlier run has told of it so far. */
  readonly isRestored: boolean
  /** From when on somebody may be told of it, so that what fires together is told together. */
  readonly tellableMs: number
}

/** What to tell a target of a group now; `after` is what it has been told then. */
export interface Decision {
  /** None where it only has to be noted that nothing needs to be told any more. */
  readonly alerts: readonly ToldAlert[]
  readonly after: LogEntry
}

/**
 * Whether a target is told of a group at `nowMs`: something new fires, what it knows of has ended, or it was told long
 * ago. An alert that ended and fires again is new. What is muted is not told, and its end neither.
 */
export function decide(
  alerts: readonly GroupAlert[],
  before: LogEntry | undefined,
  nowMs: number,
  times: Pick<Route, 'groupIntervalMs' | 'repeatIntervalMs'>,
): Decision | undefined {
  const told = new Map(before?.firing.map((alert) => [keyOf(alert), alert.startsAtMs]))
  const isTold = ({ key, startsAtMs }: GroupAlert): boolean => told.get(key) === startsAtMs
  const firing = alerts.filter((alert) => alert.endedAtMs === undefined)
  const over = alerts.filter(({ key, endedAtMs }) => endedAtMs !== undefined && told.has(key))
  const fresh = firing.filter((alert) => !alert.isMuted && !isTold(alert))
  const ended = over.filter((alert) => !alert.isMuted)
  const known = firing.filter(isTold)
  // In the future: the clock was set back.
  const isLongEnough =
    before === undefined || before.sentMs > nowMs || nowMs - before.sentMs >= times.groupIntervalMs

  const hasNews = fresh.some(({ tellableMs }) => tellableMs <= nowMs) || ended.length > 0
  const isRepeat =
    before !== undefined &&
    nowMs - before.sentMs >= times.repeatIntervalMs &&
    known.some(({ isMuted, isRestored }) => !isMuted && !isRestored)
  if ((hasNews && isLongEnough) || isRepeat) {
    const stillFiring = known.filter(({ isMuted }) => !isMuted)
    return {
      alerts: [...inOrder([...fresh, ...stillFiring]), ...inOrder(ended)],
      after: { sentMs: nowMs, firing: [...known, ...fresh].map(asFiring) },
    }
  }
  if (before !== undefined && over.length > ended.length) {
    // Ended while nobody wanted to hear of it.
    return { alerts: [], after: { ...before, firing: [...known, ...ended].map(asFiring) } }
  }
  return undefined
}

function keyOf({ labels }: ToldAlert): string {
  return labelKey(labelSet(labels))
}

function inOrder(alerts: readonly GroupAlert[]): readonly ToldAlert[] {
  return [...alerts].sort((a, b) => a.startsAtMs - b.startsAtMs || (a.key < b.key ? -1 : 1)).map(asTold)
}

/** As the target knows it. */
function asFiring(alert: ToldAlert): ToldAlert {
  return { ...asTold(alert), endedAtMs: undefined }
}

function asTold({ labels, annotations, startsAtMs, endedAtMs, generatorUrl }: ToldAlert): ToldAlert {
  return { labels, annotations, startsAtMs, endedAtMs, generatorUrl }
}
