import type { MemberView } from '../../common/health/cluster-view.ts'
import { createLogTrail } from './log-trail.ts'
import type { LogTrail } from './log-trail.ts'
import { isSynchronous } from './situation.ts'

/** The server that was primary when one was seen last, and what has become of it since. */
export interface LastPrimary {
  readonly server: string
  readonly timeline: number | null
  /** When it was seen as that, on the collector's clock. */
  readonly seenMs: number
  readonly trail: LogTrail
  /** After so long without its leader key Patroni has demoted it; null without Patroni. */
  readonly ttlMs: number | null
  /** Those that commits waited for. */
  readonly synchronous: ReadonlySet<string>
  /** It was stopped in good order, as nobody does who fails. */
  readonly wasStopped: boolean
  readonly hadTrouble: boolean
  /** Since when it is seen to be no primary. */
  readonly endedMs: number | null
}

/** @param before what was known before, whose trail goes on for the same server */
export function asPrimary(
  member: MemberView,
  members: readonly MemberView[],
  at: { readonly nowMs: number; readonly before: LastPrimary | undefined },
): LastPrimary {
  const { server, health, reportAgeMs } = member
  const { before, nowMs } = at
  const trail = before?.server === server ? before.trail : createLogTrail()
  trail.note(health, nowMs - reportAgeMs)
  const { settings, state } = health.patroni ?? {}
  const waitsForSync = settings?.synchronousMode === 'on' || settings?.synchronousMode === 'quorum'
  const standbys = waitsForSync ? members.filter((one) => isSynchronous(member, one)) : []
  return {
    server,
    timeline: health.timeline,
    seenMs: nowMs - reportAgeMs,
    trail,
    ttlMs: settings?.ttlSeconds == null ? null : settings.ttlSeconds * 1_000,
    synchronous: new Set(standbys.map((one) => one.server)),
    wasStopped: state === 'stopping',
    hadTrouble: false,
    endedMs: null,
  }
}

/** What a look tells of it while nobody, or another, is the primary. */
export function afterwards(last: LastPrimary, member: MemberView | undefined, nowMs: number): LastPrimary {
  if (member === undefined) return { ...last, hadTrouble: true }
  const { isStale, health, role, reportAgeMs } = member
  const isPrimary = role === 'primary' && health.timeline === last.timeline
  if (isPrimary) last.trail.note(health, nowMs - reportAgeMs)
  return {
    ...last,
    wasStopped: last.wasStopped || health.patroni?.state === 'stopping',
    hadTrouble: last.hadTrouble || isInTrouble(member),
    endedMs: isPrimary ? null : (last.endedMs ?? (!isStale && hasEnded(member) ? nowMs - reportAgeMs : null)),
  }
}

function isInTrouble({ isStale, health: { state, patroni } }: MemberView): boolean {
  return (
    isStale || state === 'hung' || patroni?.state === 'crashed' || patroni?.state?.endsWith('failed') === true
  )
}

/** Nothing is written there now; of one that hangs, or does not let its agent in, nobody knows. */
function hasEnded({ health: { state }, role }: MemberView): boolean {
  return role === 'standby' || state === 'down' || state === 'starting'
}
