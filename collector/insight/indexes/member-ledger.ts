import type { z } from 'zod'
import { findOid, unpackColumns } from '../../../common/insight/index-columns.ts'
import type { IndexColumns } from '../../../common/insight/index-columns.ts'
import { indexLedgerBody } from '../../../common/insight/index-evidence.ts'

/** What a ledger says beside its columns. */
export const ledgerAbout = indexLedgerBody.omit({
  kind: true,
  part: true,
  parts: true,
  count: true,
  columns: true,
})
export type LedgerAbout = z.infer<typeof ledgerAbout>

/** What one member has told of the use of a database's indexes. */
export interface MemberLedger {
  readonly about: LedgerAbout
  row(oid: number): LedgerRow | undefined
}

/** Of one index; seconds since the epoch on the member's clock. */
export interface LedgerRow {
  readonly firstS: number
  /** 0 for never. */
  readonly usedS: number
  readonly scans: number
  readonly fetched: number
}

/** @param parts - those of one look, each with its columns as they came */
export function createMemberLedger(
  parts: readonly { readonly about: LedgerAbout; readonly count: number; readonly columns: string }[],
): MemberLedger | undefined {
  const newest = parts.toSorted((a, b) => b.about.atMs - a.about.atMs)
  const about = newest[0]?.about
  if (about === undefined) return undefined
  const unpacked = newest.map(({ columns, count }) => unpackColumns(columns, count))
  return {
    about,
    row(oid) {
      for (const columns of unpacked) {
        const found = rowOf(columns, oid)
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

function rowOf({ oids, firstS, usedS, scans, fetched }: IndexColumns, oid: number): LedgerRow | undefined {
  const i = findOid(oids, oid)
  if (i < 0) return undefined
  return { firstS: firstS[i]!, usedS: usedS[i]!, scans: scans[i]!, fetched: fetched[i]! }
}
