import type { Duration } from './ast.ts'

/** What a duration may refer to, in seconds: step() and range() of the query, and the step at hand (`1i`). */
export interface DurationUnits {
  readonly step: number
  readonly range: number
  readonly interval: number
}
const unknownUnits: DurationUnits = { step: NaN, range: NaN, interval: NaN }

/** The seconds of a duration; NaN where it refers to the query and none is given. */
export function durationSeconds(duration: Duration, units = unknownUnits): number {
  const evaluate = (part: Duration): number => durationSeconds(part, units)
  switch (duration.kind) {
    case 'seconds':
      return duration.value
    case 'step':
      return units.step
    case 'range':
      return units.range
    case 'steps':
      return duration.value * units.interval
    case 'implicit':
      return units.interval
    case 'negate':
      return -evaluate(duration.operand)
    case 'min_of':
      return Math.min(evaluate(duration.left), evaluate(duration.right))
    case 'max_of':
      return Math.max(evaluate(duration.left), evaluate(duration.right))
    case 'operation':
      return combine(duration.operator, evaluate(duration.left), evaluate(duration.right))
  }
}

function combine(operator: '+' | '-' | '*' | '/' | '%' | '^', left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      return left % right
    case '^':
      return left ** right
  }
}

/** Whether the value is known without a query. */
export function isConstantDuration(duration: Duration): boolean {
  switch (duration.kind) {
    case 'seconds':
      return true
    case 'step':
    case 'range':
    case 'steps':
    case 'implicit':
      return false
    case 'negate':
      return isConstantDuration(duration.operand)
    case 'min_of':
    case 'max_of':
    case 'operation':
      return isConstantDuration(duration.left) && isConstantDuration(duration.right)
  }
}

/** Why a number of seconds cannot be used: as a window or step (`positive`), or as an offset. */
export function durationProblem(seconds: number, positive: boolean): string | undefined {
  if (!Number.isSafeInteger(Math.round(seconds * 1000))) return 'duration out of range'
  return positive && Math.round(seconds * 1000) <= 0 ? 'duration must be greater than 0' : undefined
}
