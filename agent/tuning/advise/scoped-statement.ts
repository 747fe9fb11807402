import { listElements, isQuotedList } from '../list-value.ts'
import { quoteIdentifier } from '../../postgres/quote-identifier.ts'
import type { DraftScope } from '../rules/rule.ts'

/** For whom a value is meant, and the statement that sets it there. */
export interface Scoped {
  /** In words: `role app in database shop`. */
  readonly target: string
  readonly statement: string
  /** In which the statement has to be run; undefined where any does. */
  readonly database: string | undefined
}

/** @param scope - names as they are; of a table as regclass prints it, ready for a statement */
export function scopedStatement(scope: DraftScope, parameter: string, value: string): Scoped | undefined {
  const { role, database, table } = scope
  if (table !== undefined) {
    const where = database === undefined ? '' : ` in database ${database}`
    return {
      target: `table ${table}${where}`,
      statement: `ALTER TABLE ${table} SET (${parameter} = ${literal(value)});`,
      database,
    }
  }
  const setting = `SET ${parameter} = ${literals(parameter, value)};`
  if (role !== undefined && database !== undefined) {
    return {
      target: `role ${role} in database ${database}`,
      statement: `ALTER ROLE ${quoteIdentifier(role)} IN DATABASE ${quoteIdentifier(database)} ${setting}`,
      database: undefined,
    }
  }
  if (role !== undefined) {
    return {
      target: `role ${role}`,
      statement: `ALTER ROLE ${quoteIdentifier(role)} ${setting}`,
      database: undefined,
    }
  }
  if (database === undefined) return undefined
  return {
    target: `database ${database}`,
    statement: `ALTER DATABASE ${quoteIdentifier(database)} ${setting}`,
    database: undefined,
  }
}

const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`

const literals = (parameter: string, value: string): string =>
  isQuotedList(parameter) ? listElements(parameter, value).map(literal).join(', ') : literal(value)
