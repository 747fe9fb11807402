import { hideLiterals } from '../../../common/sql/hide-literals.ts'

const mostLength = 1_000

/** A statement that changes a schema, as it is told: without literals. */
export function toldStatement(sql: string): string {
  return hideLiterals(sql, { keepNumbers: true, maxLength: mostLength })
}

/** What lasts no longer than its session is no change of a schema. */
export function createsTemporary(sql: string): boolean {
  return /^\s*create\s+(?:local\s+|global\s+)?temp/i.test(sql)
}
