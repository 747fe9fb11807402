import { PgherdError } from '../../common/errors.ts'
import { quoteIdentifier } from '../postgres/quote-identifier.ts'
import { quoteLiteral } from '../postgres/quote-literal.ts'
import { isQuotedList, listElements } from './list-value.ts'

/** Of these an empty name means none; of the others the server would look for a library or directory without a name. */
const maybeEmpty = new Set(['search_path', 'temp_tablespaces'])

/**
 * One statement, to be sent alone: it runs in no transaction. A list goes as its elements, which the server quotes one by one.
 * @param value - as pg_settings spells it; null removes the line from postgresql.auto.conf
 * @throws PgherdError BAD_REQUEST for a text that is no list, NOT_SUPPORTED for an empty one, which ALTER SYSTEM cannot write: it
 * stores one element without a name, with which the server does not start again
 */
export function alterSystem(name: string, value: string | null): string {
  if (value === null) return `ALTER SYSTEM RESET ${quoteIdentifier(name)}`
  return `ALTER SYSTEM SET ${quoteIdentifier(name)} = ${valuesOf(name, value).map(quoteLiteral).join(', ')}`
}

function valuesOf(name: string, value: string): readonly string[] {
  if (!isQuotedList(name)) return [value]
  const elements = listElements(name, value)
  if (elements.length > 0 && (maybeEmpty.has(name) || !elements.includes(''))) return elements
  if (maybeEmpty.has(name)) return ['']
  throw new PgherdError(
    'NOT_SUPPORTED',
    `ALTER SYSTEM cannot make ${name} empty; remove its line, or write it into postgresql.conf`,
  )
}
