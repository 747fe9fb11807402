import { hideSecrets } from '../hide-secrets.ts'
import { auditEntry } from './entry.ts'
import type { AuditFact } from './entry.ts'

const limits = {
  who: auditEntry.shape.who.maxLength ?? 0,
  what: auditEntry.shape.what.maxLength ?? 0,
  where: auditEntry.shape.where.maxLength ?? 0,
  why: auditEntry.shape.why.maxLength ?? 0,
  outcome: auditEntry.shape.outcome.unwrap().maxLength ?? 0,
}

/** A fact as it can be written: texts that are too long end with a mark, secrets and halves of characters are replaced. */
export function fitFact(fact: AuditFact): AuditFact {
  return {
    ...fact,
    who: fit(fact.who, limits.who),
    what: fit(fact.what, limits.what),
    where: fit(fact.where, limits.where),
    why: fit(fact.why, limits.why),
    outcome: fact.outcome === null ? null : fit(fact.outcome, limits.outcome),
  }
}

function fit(text: string, max: number): string {
  const whole = hideSecrets(text).toWellFormed()
  return whole.length <= max ? whole : `${whole.slice(0, max - 1)}…`.toWellFormed()
}
