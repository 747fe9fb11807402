import type { Variable } from '../model/variable.ts'
import { allInAddress } from './selection.ts'
import type { Selection } from './selection.ts'

/** A value that a variable can take. */
export interface Choice {
  readonly text: string
  readonly value: string
}

/**
 * What is chosen for a variable: what the address says, else the board's own choice as far as it exists, else all, else
 * the first. A value in the address that is no choice is kept: it may have been one at another time.
 */
export function choose(variable: Variable, choices: readonly Choice[], address: URLSearchParams): Selection {
  const { name, multi, includeAll, allValue, skipUrlSync } = variable
  const base = {
    name,
    allValue: allValue === undefined || allValue === '' ? null : allValue,
    isPattern: multi || includeAll,
    ...(skipUrlSync ? { isUnaddressed: true } : {}),
  }
  const all = { ...base, values: choices.map(({ value }) => value), isAll: true }
  const given = skipUrlSync ? [] : address.getAll(`var-${name}`)
  if (variable.type === 'textbox' || variable.type === 'constant') {
    const own = list(variable.current?.value)[0] ?? variable.query
    return { ...base, values: [variable.type === 'constant' ? own : (given[0] ?? own)], isAll: false }
  }
  if (includeAll && given.some((value) => value === allInAddress || value === 'All')) return all
  if (given.length > 0 && given.some((value) => value !== '')) {
    const values = given.filter((value) => value !== '' && value !== allInAddress)
    return { ...base, values: multi ? [...new Set(values)] : values.slice(0, 1), isAll: false }
  }
  const own = list(variable.current?.value)
  if (includeAll && own.includes(allInAddress)) return all
  const known = own.filter((value) => choices.some((choice) => choice.value === value))
  if (known.length > 0) return { ...base, values: multi ? known : known.slice(0, 1), isAll: false }
  if (includeAll) return all
  return { ...base, values: choices.slice(0, 1).map(({ value }) => value), isAll: false }
}

function list(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}
