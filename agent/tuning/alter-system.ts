import { PgherdError } from '../../common/errors.ts'
import { quoteIdentifier } from '../postgres/quote-identifier.ts'
import { quoteLiteral } from '../postgres/quote-literal.ts'

/**
 * Lists that the server stores with quotes of its own: one text with commas would become one element, with which it may not start
 * again. Source: GUC_LIST_QUOTE in PostgreSQL's guc_tables.c.
 */
const quotedLists = new Set([
  'local_preload_libraries',
  'oauth_validator_libraries',
  'output_plugin_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
])

/**
 * One statement, to be sent alone: it runs in no transaction.
 * @param value - null removes the line from postgresql.auto.conf
 * @throws PgherdError NOT_SUPPORTED for a list whose elements have to be named one by one
 */
export function alterSystem(name: string, value: string | null): string {
  if (value === null) return `ALTER SYSTEM RESET ${quoteIdentifier(name)}`
  if (quotedLists.has(name)) {
    throw new PgherdError('NOT_SUPPORTED', `${name} is a list, whose elements would be taken for one`)
  }
  return `ALTER SYSTEM SET ${quoteIdentifier(name)} = ${quoteLiteral(value)}`
}
