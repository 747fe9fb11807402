import type { AuditEntry, AuditFact } from '../../../common/audit/entry.ts'
import { emptyHead, nextEntry } from '../../../common/audit/hash-entry.ts'
import type { ChainHead } from '../../../common/audit/hash-entry.ts'

export function fact(of: Partial<AuditFact> = {}): AuditFact {
  return {
    event: 'started',
    who: 'anna',
    what: '{"args":{},"kind":"reload"}',
    where: 'pg-main-1',
    why: 'a setting',
    command: '6f1c2f0e-3c1d-4c7e-9f3a-2b8f6f0d1e2c',
    outcome: null,
    digest: null,
    ...of,
  }
}

/** A chain of so many entries, each another. */
export function chainOf(count: number, after: ChainHead = emptyHead): AuditEntry[] {
  const entries: AuditEntry[] = []
  let head = after
  for (let i = 0; i < count; i++) {
    const entry = nextEntry(head, 1_000 * i, fact({ why: `reason ${head.seq + 1}` }))
    entries.push(entry)
    head = entry
  }
  return entries
}
