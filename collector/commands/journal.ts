import type { AuditChain } from '../../common/audit/chain.ts'
import type { AuditFact } from '../../common/audit/entry.ts'
import { createGroupCommit } from '../../common/lines/group-commit.ts'

/** The collector's own audit, as far as it is written and read here. */
export type CollectorAudit = Pick<AuditChain, 'append' | 'head' | 'read'>

export interface JournalEntry {
  readonly facts: readonly AuditFact[]
  /** Runs in a transaction with others, after the facts are in the audit. */
  readonly write: () => void
}

/** The order in which everything becomes durable: first the audit, then the database; many at a time. */
export interface Journal {
  /** @throws PgherdError DISK_FULL, DIRECTORY_UNUSABLE, BUSY; then it is not in the database, but may be in the audit */
  add(entry: JournalEntry): Promise<void>
  settled(): Promise<void>
}

const limits = { maxBatch: 2_000, maxWaiting: 20_000 }

export function createJournal(options: {
  readonly audit: CollectorAudit
  readonly transaction: (run: () => void) => void
}): Journal {
  const commit = createGroupCommit<JournalEntry, undefined>(async (entries) => {
    await Promise.all(entries.flatMap(({ facts }) => facts.map((fact) => options.audit.append(fact))))
    options.transaction(() => {
      for (const { write } of entries) write()
    })
    return entries.map(() => undefined)
  }, limits)
  return {
    async add(entry) {
      await commit.add(entry)
    },
    settled: () => commit.settled(),
  }
}
