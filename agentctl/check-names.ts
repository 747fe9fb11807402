import { PgherdError } from '../common/errors.ts'
import { suggestions } from '../common/suggestions.ts'

const longestList = 8

/** @throws PgherdError NOT_FOUND with the names that are near, when one of those that were given is not known */
export function checkNames(
  kind: string,
  names: readonly string[] | undefined,
  known: ReadonlySet<string>,
): void {
  const unknown = names?.filter((name) => !known.has(name)) ?? []
  if (unknown.length === 0) return
  throw new PgherdError(
    'NOT_FOUND',
    `no ${kind} is called ${unknown.join(', ')}; ${whatThereIs(unknown, known)}`,
  )
}

/** The names that are near the first unknown one, else some of all. */
function whatThereIs(unknown: readonly string[], known: ReadonlySet<string>): string {
  const sorted = [...known].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const near = sorted.length > longestList ? suggestions(unknown[0]!, sorted).split(', ') : sorted
  if (near.length === 0) return 'there is none yet'
  const shown = near.slice(0, longestList).join(', ')
  const more = near.length > longestList ? `, … (${near.length})` : ''
  return `there ${known.size === 1 ? 'is' : 'are'}: ${shown}${more}`
}
