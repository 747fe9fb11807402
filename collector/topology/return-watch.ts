import type { MemberView } from '../../common/health/cluster-view.ts'
import type { SeenChange } from './cluster-history.ts'
import { isSameStart } from './same-start.ts'

/** What to look for once another server has become primary. */
export interface Departure extends Pick<SeenChange, 'kind' | 'change'> {
  /** When the new one was promoted, on the collector's clock. */
  readonly promotedMs: number
  /** The old one's. */
  readonly timeline: number
  /** How far the old one was seen to have written, and where its log ends on the new one: bytes. */
  readonly position: number
  readonly endOnNew: number
}

/** What the old primary turned out to have had alone. */
export interface KnownLoss extends Pick<SeenChange, 'kind' | 'change'> {
  readonly timeline: number
  /** The end of its log there, bytes. */
  readonly position: number
  readonly lostBytes: number
  /** It was seen when it wrote no more, so that this is all. */
  readonly isAll: boolean
}

/** Looks for the old primary on its old timeline, before it is rewound: how far that goes is what was really lost. */
export interface ReturnWatch {
  expect(departure: Departure | undefined): void
  /** @returns what is known once the old one follows the new timeline; undefined before, and where it was never seen in between */
  look(members: readonly MemberView[], nowMs: number): KnownLoss | undefined
}

/** A cycle of an agent: what it looked at may be so much older than its report says. */
const cycleMs = 1_000

export function createReturnWatch(): ReturnWatch {
  let departure: Departure | undefined
  let asPrimary: number | undefined
  let asStandby: { readonly position: number; readonly startMs: number | null } | undefined

  const expect: ReturnWatch['expect'] = (next) => {
    departure = next
    asPrimary = undefined
    asStandby = undefined
  }
  const settle = (left: Departure, startMs: number | null): KnownLoss => {
    const { kind, change, timeline, position, endOnNew } = left
    // Whoever follows the new timeline without a start in between had nothing that the new one lacks: where it was seen
    // farther, it had replayed that from the archive.
    const hasFollowed = asStandby !== undefined && isSameStart(asStandby.startMs, startMs)
    const ends = [asPrimary ?? 0, ...(hasFollowed ? [] : [asStandby?.position ?? 0, position])]
    const end = Math.max(...ends)
    return {
      kind,
      change,
      timeline,
      position: end,
      lostBytes: Math.max(0, end - endOnNew),
      isAll: asStandby !== undefined,
    }
  }
  return {
    expect,
    look(members, nowMs) {
      if (departure === undefined) return undefined
      const { change, promotedMs, timeline } = departure
      const old = members.find(({ server }) => server === change.from)
      if (old === undefined) {
        expect(undefined)
        return undefined
      }
      const { health, role, reportAgeMs } = old
      if (role === 'unknown' || nowMs - reportAgeMs <= promotedMs + cycleMs) return undefined
      if (health.timeline === null || health.timeline < timeline) return undefined
      if (health.timeline > timeline) {
        const wasSeen = asPrimary !== undefined || asStandby !== undefined
        const known = wasSeen ? settle(departure, health.postmasterStartMs) : undefined
        expect(undefined)
        return known
      }
      if (role === 'primary') asPrimary = Math.max(asPrimary ?? 0, health.currentPosition ?? 0)
      else {
        const position = Math.max(health.receivedPosition ?? 0, health.replayedPosition ?? 0)
        if (position > 0) asStandby = { position, startMs: health.postmasterStartMs }
      }
      return undefined
    },
  }
}
