import { metricNameLabel } from '../../../common/series/label-set.ts'
import type {
  Aggregation,
  Binary,
  Call,
  Duration,
  Expression,
  Shifted,
  Span,
  ValueType,
  VectorSelector,
} from './ast.ts'
import { isComparison, isConditionalOperator, isSetOperator } from './ast.ts'
import { durationProblem, durationSeconds, isConstantDuration } from './duration-value.ts'
import { matchesEmpty } from './match.ts'
import { signatures } from './signatures.ts'
import { unknownFunction } from './unknown-function.ts'
import { syntaxError } from './syntax-error.ts'

const typeNames: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  string: 'string',
  vector: 'instant vector',
  matrix: 'range vector',
}

/** The type an expression evaluates to; the expression has been checked. */
export function typeOf(expression: Expression): ValueType {
  switch (expression.kind) {
    case 'number':
      return 'scalar'
    case 'string':
      return 'string'
    case 'selector':
    case 'aggregation':
      return 'vector'
    case 'range':
    case 'subquery':
      return 'matrix'
    case 'call':
      return signatures.get(expression.name)?.returns ?? 'vector'
    case 'paren':
    case 'shifted':
      return typeOf(expression.expression)
    case 'unary':
      return typeOf(expression.operand)
    case 'binary':
      return typeOf(expression.left) === 'scalar' && typeOf(expression.right) === 'scalar'
        ? 'scalar'
        : 'vector'
  }
}

/**
 * Checks types, arities and the rules that the grammar cannot express.
 * @throws PgherdError QUERY_INVALID with the position of the offending part.
 */
export function checkExpression(text: string, expression: Expression): void {
  const fail = (span: Span, message: string): never => {
    throw syntaxError(text, span, message)
  }
  visit(expression, fail)
}

type Fail = (span: Span, message: string) => never

/** Checks a node and everything below it; returns its type, so that none is worked out twice. */
function visit(expression: Expression, fail: Fail): ValueType {
  switch (expression.kind) {
    case 'number':
      return 'scalar'
    case 'string':
      return 'string'
    case 'selector':
      return checkSelector(expression, fail)
    case 'range':
      checkDuration(expression.range, true, fail)
      checkSelector(expression.selector, fail)
      return 'matrix'
    case 'subquery': {
      const type = visit(expression.expression, fail)
      checkDuration(expression.range, true, fail)
      checkDuration(expression.step, true, fail)
      checkDuration(expression.offset, false, fail)
      if (type === 'vector') return 'matrix'
      return fail(
        expression.span,
        `subquery is only allowed on instant vector, got ${typeNames[type]} instead`,
      )
    }
    case 'paren':
      return visit(expression.expression, fail)
    case 'shifted':
      return checkShifted(expression, fail)
    case 'unary': {
      const type = visit(expression.operand, fail)
      if (type === 'scalar' || type === 'vector') return type
      return fail(
        expression.span,
        `unary expression only allowed on expressions of type scalar or instant vector, got "${typeNames[type]}"`,
      )
    }
    case 'call':
      return checkCall(expression, fail)
    case 'aggregation':
      return checkAggregation(expression, fail)
    case 'binary':
      return checkBinary(expression, fail)
  }
}

function checkDuration(duration: Duration | undefined, positive: boolean, fail: Fail): void {
  if (duration === undefined || !isConstantDuration(duration)) return
  const problem = durationProblem(durationSeconds(duration), positive)
  if (problem !== undefined) fail(duration.span, problem)
}

function checkShifted(shifted: Shifted, fail: Fail): ValueType {
  const type = visit(shifted.expression, fail)
  checkDuration(shifted.offset, false, fail)
  if (type === 'string') fail(shifted.span, 'a string has no time that offset or @ could change')
  if (shifted.atExpression !== undefined) {
    const at = visit(shifted.atExpression, fail)
    if (at !== 'scalar' && at !== 'vector') {
      fail(shifted.atExpression.span, `expected type scalar in @ modifier, got ${typeNames[at]}`)
    }
  }
  return type
}

function checkSelector(selector: VectorSelector, fail: Fail): ValueType {
  checkDuration(selector.offset, false, fail)
  for (const matchers of [selector.matchers, ...selector.orMatchers]) {
    const names = matchers.filter((matcher) => matcher.name === metricNameLabel && matcher.operator === '=')
    if (names.length > 1 && names[0]!.value !== names[1]!.value) {
      fail(selector.span, `metric name must not be set twice: "${names[0]!.value}" or "${names[1]!.value}"`)
    }
    if (matchers.every(matchesEmpty)) {
      fail(selector.span, 'vector selector must contain at least one non-empty matcher')
    }
  }
  return 'vector'
}

function expectType(operand: Expression, wanted: ValueType, context: string, fail: Fail): void {
  const type = visit(operand, fail)
  if (type === wanted) return
  fail(operand.span, `expected type ${typeNames[wanted]} in ${context}, got ${typeNames[type]}`)
}

function checkCall(call: Call, fail: Fail): ValueType {
  const signature = signatures.get(call.name)
  if (signature === undefined) return fail(call.span, unknownFunction(call.name))
  const got = call.args.length
  const repeated = signature.optional === Infinity
  const least = signature.args.length - (repeated ? 1 : signature.optional)
  const most = repeated ? Infinity : signature.args.length
  if (least === most && got !== least) {
    fail(call.span, `expected ${least} argument(s) in call to "${call.name}", got ${got}`)
  }
  if (got < least) {
    fail(call.span, `expected at least ${least} argument(s) in call to "${call.name}", got ${got}`)
  }
  if (got > most) {
    fail(call.span, `expected at most ${most} argument(s) in call to "${call.name}", got ${got}`)
  }
  for (const [i, arg] of call.args.entries()) {
    // The second argument of info() filters labels; matching the empty string is its normal use.
    if (call.name === 'info' && i === 1) {
      if (arg.kind === 'selector' && arg.orMatchers.length === 0) continue
      fail(arg.span, 'expected label selectors as the second argument to "info" function')
    }
    const wanted = signature.args[Math.min(i, signature.args.length - 1)]!
    expectType(arg, wanted, `call to function "${call.name}"`, fail)
  }
  return signature.returns
}

function checkAggregation(aggregation: Aggregation, fail: Fail): ValueType {
  expectType(aggregation.expression, 'vector', 'aggregation expression', fail)
  if (aggregation.rest !== undefined) {
    expectType(aggregation.rest, 'string', 'aggregation parameter', fail)
  }
  if (aggregation.parameter !== undefined) {
    const wanted = aggregation.operator === 'count_values' ? 'string' : 'scalar'
    expectType(aggregation.parameter, wanted, 'aggregation parameter', fail)
  }
  return 'vector'
}

function checkBinary(binary: Binary, fail: Fail): ValueType {
  const left = checkOperand(binary.left, fail)
  const right = checkOperand(binary.right, fail)
  if (left === 'vector' && right === 'vector') return 'vector'
  const scalars = left === 'scalar' && right === 'scalar'
  if (scalars && isComparison(binary.operator) && !binary.bool) {
    fail(binary.operatorSpan, 'comparisons between scalars must use BOOL modifier')
  }
  if (isConditionalOperator(binary.operator)) return scalars ? 'scalar' : 'vector'
  if (isSetOperator(binary.operator)) {
    fail(binary.span, `set operator "${binary.operator}" not allowed in binary scalar expression`)
  }
  if (binary.explicitMatching) {
    fail(binary.span, 'vector matching only allowed between instant vectors')
  }
  return scalars ? 'scalar' : 'vector'
}

function checkOperand(operand: Expression, fail: Fail): ValueType {
  const type = visit(operand, fail)
  if (type === 'scalar' || type === 'vector') return type
  return fail(operand.span, 'binary expression must contain only scalar and instant vector types')
}
