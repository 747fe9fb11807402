import { templateError } from './template-error.ts'
import { typeName } from './values.ts'
import type { TemplateValue } from './values.ts'

/** eq with several right sides: true when one of them equals the left one. */
export function equals(left: TemplateValue, ...rights: readonly TemplateValue[]): boolean {
  if (rights.length === 0) throw templateError('missing argument for comparison')
  return rights.some((right) => order(left, right, true) === 0)
}

/** Negative, zero or positive; only values of one basic type can be compared, as in Go. */
export function order(left: TemplateValue, right: TemplateValue, onlyEquality = false): number {
  if (typeof left === 'boolean' && typeof right === 'boolean' && onlyEquality) return left === right ? 0 : 1
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0
  if (typeof left === 'bigint' && typeof right === 'bigint') return left < right ? -1 : left > right ? 1 : 0
  if (typeof left === 'number' && typeof right === 'number') {
    return left < right ? -1 : left > right ? 1 : left === right ? 0 : Number.NaN
  }
  throw templateError(`incompatible types for comparison: ${typeName(left)} and ${typeName(right)}`)
}
