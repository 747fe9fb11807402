import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { auditEntry } from '../../common/audit/entry.ts'
import type { AuditFact } from '../../common/audit/entry.ts'
import { writing } from './writing.ts'

/** Is told whatever is allowed or no longer allowed to somebody. Where it rejects, that is not done. */
export type TellAudit = (fact: AuditFact) => Promise<unknown>

/**
 * Facts of a process that has no audit of its own, such as `pgherd-collector admin-token` beside a running collector: they wait
 * in the fleet's state until the collector tells them.
 */
export interface KeptFacts {
  readonly keep: TellAudit
  /** Tells them in order; what was told may be told again after a crash. @throws what `tell` rejects with */
  tellTo(tell: TellAudit): Promise<void>
}

const storedFact = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(auditEntry.omit({ seq: true, atMs: true, prev: true, hash: true }))

export function openKeptFacts(database: DatabaseSync): KeptFacts {
  const insert = database.prepare('INSERT INTO kept_facts (fact) VALUES (?)')
  const select = database.prepare('SELECT seq, fact FROM kept_facts ORDER BY seq')
  const remove = database.prepare('DELETE FROM kept_facts WHERE seq = ?')
  return {
    keep(fact) {
      writing(() => insert.run(JSON.stringify(fact)))
      return Promise.resolve()
    },
    async tellTo(tell) {
      for (const { seq = null, fact } of select.all()) {
        await tell(storedFact.parse(fact))
        remove.run(seq)
      }
    },
  }
}
