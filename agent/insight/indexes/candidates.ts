import type { Ledger } from './ledger.ts'

const dayS = 86_400

/**
 * OIDs that nobody was seen to use for a week, or has ever used as far as the server knows: those of which the primary tells more. For
 * shorter periods than a week nobody drops what was in use.
 */
export function candidatesOf(ledger: Ledger): readonly number[] {
  const { oids, firstS, usedS } = ledger.columns
  const { rawScans } = ledger
  const beforeS = ledger.atMs / 1000 - 7 * dayS
  const found: number[] = []
  for (let i = 0; i < oids.length; i++) {
    const used = usedS[i]!
    if (used === 0 ? rawScans[i] === 0 || firstS[i]! <= beforeS : used <= beforeS) found.push(oids[i]!)
  }
  return found
}
