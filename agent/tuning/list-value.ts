import { PgherdError } from '../../common/errors.ts'

/**
 * Lists whose elements the server quotes one by one when it stores them: one text with commas would become one element. Each by how
 * the server reads it again: `names` fold to lower case, `paths` (also libraries) do not and may have blanks inside.
 * Source: GUC_LIST_QUOTE in PostgreSQL's guc_tables.c, SplitIdentifierString and SplitDirectoriesString in varlena.c.
 */
const quotedLists: ReadonlyMap<string, 'names' | 'paths'> = new Map([
  ['local_preload_libraries', 'paths'],
  ['oauth_validator_libraries', 'paths'],
  ['output_plugin_libraries', 'paths'],
  ['search_path', 'names'],
  ['session_preload_libraries', 'paths'],
  ['shared_preload_libraries', 'paths'],
  ['temp_tablespaces', 'names'],
  ['unix_socket_directories', 'paths'],
])

export function isQuotedList(name: string): boolean {
  return quotedLists.has(name)
}

/**
 * The elements of such a list as `pg_settings.setting` and the configuration files spell it, such as `"$user", public`.
 * @throws PgherdError BAD_REQUEST for what the server would not read as a list
 */
export function listElements(name: string, text: string): readonly string[] {
  const bad = () => new PgherdError('BAD_REQUEST', `${name}: ${text} is no list`)
  const foldsCase = quotedLists.get(name) === 'names'
  const elements: string[] = []
  let rest = text.trim()
  if (rest === '') return []
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"\s*/.exec(rest)
    const plain = quoted === null ? (foldsCase ? /^[^\s,"]+\s*/ : /^[^,"][^,]*/).exec(rest) : null
    const found = quoted ?? plain
    if (found === null) throw bad()
    const element = quoted?.[1]?.replaceAll('""', '"') ?? found[0].trim()
    elements.push(quoted === null && foldsCase ? element.toLowerCase() : element)
    rest = rest.slice(found[0].length)
    if (rest === '') return elements
    if (!rest.startsWith(',')) throw bad()
    rest = rest.slice(1).trimStart()
  }
}

/** The text of a list that the server reads as these elements. */
export function listText(elements: readonly string[]): string {
  return elements
    .map((one) => (/^[a-z_][a-z0-9_]*$/.test(one) ? one : `"${one.replaceAll('"', '""')}"`))
    .join(', ')
}

/** Whether a line that the server has stored is what was written; null where there is none. */
export function isSameStored(name: string, stored: string | null, written: string | null): boolean {
  if (stored === null || written === null || !isQuotedList(name)) return stored === written
  return spelled(name, stored) === spelled(name, written)
}

function spelled(name: string, text: string): string {
  try {
    return listText(listElements(name, text))
  } catch {
    // What a person has left half-written is only the same as itself.
    return text
  }
}
