import type { MemberEvidence } from '../../../common/insight/index-view.ts'
import { evidenceOf } from './member-evidence.ts'
import type { ClusterMember, Period } from './member-evidence.ts'
import type { MemberLedger } from './member-ledger.ts'

/** What says most about all of them together stands first. */
const order: readonly MemberEvidence['state'][] = ['used', 'silent', 'short', 'unused']

/**
 * What a member knows of the use of an index, or of all parts of a partitioned one: used when any of them is, and looked at for as long as
 * each of them.
 * @param about - `oids` are one or more
 */
export function evidenceOfParts(
  member: ClusterMember,
  ledger: MemberLedger | undefined,
  about: { readonly oids: readonly number[]; readonly system: string; readonly period: Period },
): MemberEvidence {
  const { oids, ...rest } = about
  const each = oids.map((oid) => evidenceOf(member, ledger, { oid, ...rest }))
  const [first, ...others] = each.toSorted(
    (a, b) =>
      order.indexOf(a.state) - order.indexOf(b.state) ||
      (b.lastUsedMs ?? 0) - (a.lastUsedMs ?? 0) ||
      a.coveredDays - b.coveredDays,
  )
  if (first === undefined || others.length === 0)
    return first ?? evidenceOf(member, undefined, { oid: 0, ...rest })
  const sum = (of: (one: MemberEvidence) => number | null): number | null =>
    first.state === 'silent' ? null : each.reduce((total, one) => total + (of(one) ?? 0), 0)
  return {
    ...first,
    coveredDays: Math.min(...each.map(({ coveredDays }) => coveredDays)),
    scans: sum(({ scans }) => scans),
    rowsFetched: sum(({ rowsFetched }) => rowsFetched),
  }
}
