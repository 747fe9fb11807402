import { escapePattern } from '../../../common/insight/names-object.ts'

/** Where a condition of a statement ends. */
const clauseEnd =
  /\b(group by|order by|limit|offset|having|returning|window|union|intersect|except|for update|for share)\b/

/**
 * Columns of a table by which statements find its rows, as far as their normalised texts tell simply: from the WHERE of statements on that one
 * table, compared with a constant. The most frequent combination; those compared by equality first, then at most one other.
 * @returns undefined where no text tells
 */
export function filterColumns(
  texts: readonly string[],
  { table, columns }: { readonly table: string; readonly columns: readonly string[] },
): readonly string[] | undefined {
  const counts = new Map<string, number>()
  for (const text of texts) {
    const found = columnsOf(text, table, columns)
    if (found === undefined) continue
    const key = JSON.stringify(found)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const best = [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b))[0]
  if (best === undefined) return undefined
  const parsed: unknown = JSON.parse(best[0])
  return Array.isArray(parsed) ? parsed.map(String) : undefined
}

function columnsOf(given: string, table: string, columns: readonly string[]): readonly string[] | undefined {
  const text = given.replaceAll(/\s+/g, ' ').toLowerCase()
  const name = `"?${escapePattern(table.toLowerCase())}"?`
  const from = new RegExp(
    `\\b(?:from|update|delete from) (?:only )?(?:"?[\\w$]+"?\\.)?${name}(?: (?:as )?(?!where\\b|set\\b)[\\w$]+)?(?: set [^;]*?)? where (.*)$`,
  ).exec(text)
  // With other tables, or parentheses with OR, which column leads where is not told simply.
  if (from?.[1] === undefined || /\b(join|or|select)\b/.test(from[1])) return undefined
  const condition = from[1].split(clauseEnd)[0] ?? ''
  const equal: string[] = []
  const other: string[] = []
  for (const column of columns) {
    const at = `(?:^|[\\s(.])"?${escapePattern(column.toLowerCase())}"?`
    if (new RegExp(`${at} ?(?:=|in \\(|= any)`).test(condition)) equal.push(column)
    else if (new RegExp(`${at} ?(?:>=?|<=?|between|like) ?`).test(condition)) other.push(column)
  }
  const found = [...equal.toSorted(), ...other.toSorted().slice(0, 1)]
  return found.length === 0 ? undefined : found
}
