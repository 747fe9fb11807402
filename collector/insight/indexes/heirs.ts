import type { IndexFact } from '../../../common/insight/index-evidence.ts'
import type { MemberEvidence } from '../../../common/insight/index-view.ts'

export interface HeirSource {
  readonly fact: Pick<IndexFact, 'oid' | 'index' | 'coveredBy'>
  readonly evidence: readonly Pick<MemberEvidence, 'state'>[]
}

/**
 * Indexes that take over the work of another that may go because of them: while that one may be used, the heir cannot go as well, however
 * unused it is by now. A duplicate of a duplicate leaves its work to the last of them.
 * @returns the name of the one that may go, by the heir's oid
 */
export function heirsAmong(indexes: readonly HeirSource[]): ReadonlyMap<number, string> {
  const byOid = new Map(indexes.map(({ fact }) => [fact.oid, fact]))
  const heirs = new Map<number, string>()
  for (const { fact, evidence } of indexes) {
    if (evidence.length > 0 && evidence.every(({ state }) => state === 'unused')) continue
    const passed = new Set([fact.oid])
    let heir = fact.coveredBy?.oid
    while (heir !== undefined && !passed.has(heir)) {
      heirs.set(heir, fact.index)
      passed.add(heir)
      heir = byOid.get(heir)?.coveredBy?.oid
    }
  }
  return heirs
}
