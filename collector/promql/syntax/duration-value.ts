import type { Duration } from './ast.ts'

/** The seconds of a duration; NaN where it needs `step()` or `range()` and none is given. */
export function durationSeconds(duration: Duration, stepSeconds = NaN, rangeSeconds = NaN): number {
  const evaluate = (part: Duration): number => durationSeconds(part, stepSeconds, rangeSeconds)
  switch (duration.kind) {
    case 'seconds':
      return duration.value
    case 'step':
      return stepSeconds
    case 'range':
      return rangeSeconds
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
