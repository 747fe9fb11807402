import type { MemberEvidence } from '../../../common/insight/index-view.ts'
import type { LedgerAbout, LedgerRow, MemberLedger } from './member-ledger.ts'

/** A server of the cluster, as the fleet knows it. */
export interface ClusterMember {
  readonly server: string
  readonly role: 'primary' | 'standby' | 'unknown'
}

/** How long nobody may have used an index, and now, on the collector's clock. */
export interface Period {
  readonly days: number
  readonly nowMs: number
}

const dayMs = 86_400_000
/** That much of the period may be missing, which is eight hours of 35 days: the time between a look and a restart that lost the counters. */
const allowedMissing = 0.01
/** A member that has missed two looks is silent, but not for as long as agents need to be updated. */
const leastSilentMs = 600_000
const allowedAheadMs = 300_000

/**
 * What a member knows of the use of an index in the days before its newest look.
 * @param system - pg_control's identifier of the primary: OIDs of another system are of other indexes
 */
export function evidenceOf(
  member: ClusterMember,
  ledger: MemberLedger | undefined,
  about: { readonly oid: number; readonly system: string; readonly period: Period },
): MemberEvidence {
  const { oid, system, period } = about
  const silent = (text: string, atMs: number | null = null): MemberEvidence => ({
    ...member,
    ...{ state: 'silent', atMs, coveredDays: 0, unusedSinceMs: null, lastUsedMs: null },
    ...{ scans: null, rowsFetched: null, countersSinceMs: null, text },
  })
  if (ledger === undefined) {
    return silent(
      `${member.server} has told nothing of this database (its agent is older, or has insight.indexes: false)`,
    )
  }
  const { atMs, intervalMs } = ledger.about
  if (ledger.about.system !== system) {
    return silent(`${member.server} is a copy of another system, whose indexes are others`, atMs)
  }
  const ageMs = period.nowMs - atMs
  if (ageMs > Math.max(leastSilentMs, 3 * intervalMs)) {
    return silent(`${member.server} has last told of its indexes ${days(ageMs)} days ago`, atMs)
  }
  if (ageMs < -allowedAheadMs)
    return silent(`the clock of ${member.server} is ahead of the collector's`, atMs)
  const row = ledger.row(oid)
  if (row === undefined) return silent(`${member.server} has not seen this index yet`, atMs)
  return judge(member, { about: ledger.about, row, period })
}

function judge(
  member: ClusterMember,
  { about, row, period }: { about: LedgerAbout; row: LedgerRow; period: Period },
): MemberEvidence {
  const { atMs, countersSinceMs, gaps } = about
  const fromMs = atMs - period.days * dayMs
  const usedMs = row.usedS === 0 ? null : row.usedS * 1000
  const sinceMs = usedMs ?? row.firstS * 1000
  const coveredMs = Math.max(0, covered(Math.max(fromMs, sinceMs), atMs, gaps))
  const isUsed = usedMs !== null && usedMs > fromMs
  const isShort = coveredMs < period.days * dayMs * (1 - allowedMissing)
  const state: MemberEvidence['state'] = isUsed ? 'used' : isShort ? 'short' : 'unused'
  const known = {
    ...member,
    ...{
      state,
      atMs,
      coveredDays: coveredMs / dayMs,
      unusedSinceMs: sinceMs,
      lastUsedMs: usedMs,
      countersSinceMs,
    },
    ...{ scans: row.scans, rowsFetched: row.fetched },
  }
  return { ...known, text: textOf(known, period) }
}

/** Milliseconds between the two in which scans were counted. */
export function covered(fromMs: number, toMs: number, gaps: LedgerAbout['gaps']): number {
  let ms = toMs - fromMs
  for (const [gapFrom, gapTo] of gaps) ms -= Math.max(0, Math.min(toMs, gapTo) - Math.max(fromMs, gapFrom))
  return ms
}

function textOf(
  known: Pick<MemberEvidence, 'server' | 'state' | 'coveredDays' | 'lastUsedMs' | 'scans' | 'rowsFetched'>,
  { days: asked, nowMs }: Period,
): string {
  const { server, state, coveredDays, lastUsedMs } = known
  const looked = `looked at for ${round(coveredDays)} of ${round(asked)} days`
  if (state === 'unused') return `unused on ${server} over the last ${round(asked)} days, ${looked}`
  if (state === 'short') return `not used on ${server} as far as is known, but ${looked} only`
  const hours = Math.max(0, nowMs - (lastUsedMs ?? nowMs)) / 3_600_000
  const when = hours < 48 ? `${round(hours)} hours` : `${round(hours / 24)} days`
  return `used on ${server} ${when} ago: ${known.scans ?? 0} scans and ${known.rowsFetched ?? 0} rows since the first look`
}

const days = (ms: number): string => round(ms / dayMs)

/** One decimal, and three digits of what is less than that shows. */
export function round(value: number): string {
  return value !== 0 && Math.abs(value) < 0.1
    ? String(Number(value.toPrecision(3)))
    : String(Math.round(value * 10) / 10)
}
