import type { AuditEntry } from '../../../common/audit/entry.ts'
import { createChainVerifier } from '../../../common/audit/verify.ts'

/** What is wrong with a chain that is given from its first entry. */
export function findingsOf(entries: readonly AuditEntry[]) {
  const verifier = createChainVerifier()
  for (const entry of entries) verifier.take(entry)
  return verifier.finish().findings
}
