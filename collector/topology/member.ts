import type { InstanceHealth, PatroniView } from '../../common/health/instance-health.ts'
import { staleAfterMs } from './report.ts'
import type { Report } from './report.ts'

/** A report at the moment of judgement. */
export interface Member {
  readonly server: string
  readonly node: string
  readonly ip: string
  readonly health: InstanceHealth
  readonly ageMs: number
  readonly observedMs: number
  readonly skewMs: number
  readonly isAway: boolean
  readonly isStale: boolean
  /** As PostgreSQL says itself; unknown when that is stale. */
  readonly role: 'primary' | 'standby' | 'unknown'
  /** Since when state and role are so, on the collector's clock. */
  readonly sinceMs: number
}

/** What of a member is judged also without a moment. */
export type Reported = Pick<Member, 'server' | 'ip' | 'health' | 'isStale'>

export function memberOf(report: Report, nowMs: number): Member {
  const { health, observedMs, skewMs, isAway } = report
  const ageMs = Math.max(0, nowMs - observedMs)
  const isStale = isAway || ageMs > staleAfterMs
  return {
    server: health.server,
    node: report.node,
    ip: report.ip,
    health,
    ageMs,
    observedMs,
    skewMs,
    isAway,
    isStale,
    role: isStale || health.state !== 'running' ? 'unknown' : (health.role ?? 'unknown'),
    sinceMs: Math.min(nowMs, health.sinceMs - skewMs),
  }
}

/** The member's Patroni where it answered lately. */
export function livePatroni({ isStale, health }: Reported): PatroniView | undefined {
  return !isStale && health.patroni?.isReachable === true ? health.patroni : undefined
}

/** Whether Patroni, as far as it is known, has it as the one that leads; also of a server that does not answer. */
export function ledLately({ health: { patroni } }: Member): boolean {
  return patroni?.hasLock === true || patroni?.role === 'primary' || patroni?.role === 'master'
}
