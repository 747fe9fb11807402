import type { ArithmeticOperator, BinaryOperator, ComparisonOperator } from '../syntax/ast.ts'
import { isComparison, isConditionalOperator, isSetOperator } from '../syntax/ast.ts'

/** A binary operator on numbers; a comparison gives 1 or 0. Set operators have none. */
export type NumberOperator = (left: number, right: number) => number

const arithmetic: Readonly<Record<ArithmeticOperator, NumberOperator>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '^': power,
  atan2: Math.atan2,
}

const comparison: Readonly<Record<ComparisonOperator, NumberOperator>> = {
  '==': (left, right) => (left === right ? 1 : 0),
  '!=': (left, right) => (left !== right ? 1 : 0),
  '<': (left, right) => (left < right ? 1 : 0),
  '>': (left, right) => (left > right ? 1 : 0),
  '<=': (left, right) => (left <= right ? 1 : 0),
  '>=': (left, right) => (left >= right ? 1 : 0),
}

/** IEEE 754 pow, which unlike JavaScript's has 1^x = 1 for every x and (-1)^±Inf = 1. */
function power(base: number, exponent: number): number {
  if (base === 1) return 1
  if (base === -1 && (exponent === Infinity || exponent === -Infinity)) return 1
  return base ** exponent
}

export function numberOperator(operator: BinaryOperator): NumberOperator {
  if (isSetOperator(operator) || isConditionalOperator(operator)) {
    throw new Error(`${operator} works on sets, not on numbers`)
  }
  return isComparison(operator) ? comparison[operator] : arithmetic[operator]
}
