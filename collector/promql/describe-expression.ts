import { metricNameLabel } from '../../common/series/label-set.ts'
import type { Matcher } from '../../common/series/matcher.ts'
import type { Binary, Call, Duration, Expression, TimeShift, VectorSelector } from './syntax/ast.ts'
import { typeOf } from './syntax/check.ts'
import { durationSeconds } from './syntax/duration-value.ts'
import { formatDigits } from './syntax/numbers.ts'
import { signatures } from './syntax/signatures.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * The syntax tree as JSON in the shape of Prometheus' /api/v1/parse_query (web/api/v1/translate_ast.go): durations and
 * times are milliseconds. A duration that depends on the query is 0. What only MetricsQL has keeps its own names, and is
 * left out where it is not used.
 */
export function describeExpression(expression: Expression): Json {
  switch (expression.kind) {
    case 'number':
      return {
        type: 'numberLiteral',
        val: formatDigits(expression.value),
        ...(expression.inSteps === true ? { inSteps: true } : {}),
      }
    case 'string':
      return { type: 'stringLiteral', val: expression.value }
    case 'selector':
      return { type: 'vectorSelector', ...describeSelector(expression) }
    case 'range':
      return {
        type: 'matrixSelector',
        ...describeSelector(expression.selector),
        range: milliseconds(expression.range),
      }
    case 'subquery':
      return {
        type: 'subquery',
        expr: describeExpression(expression.expression),
        range: milliseconds(expression.range),
        step: milliseconds(expression.step),
        ...describeShift(expression),
      }
    case 'call':
      return describeCall(expression)
    case 'aggregation': {
      const { operator, parameter, grouping, without, limit, rest } = expression
      const param = parameter === undefined ? null : describeExpression(parameter)
      const expr = describeExpression(expression.expression)
      return {
        ...{ type: 'aggregation', op: operator, expr, param, grouping, without },
        ...(rest === undefined ? {} : { rest: describeExpression(rest) }),
        ...(limit === undefined ? {} : { limit }),
      }
    }
    case 'binary':
      return describeBinary(expression)
    case 'unary':
      return {
        type: 'unaryExpr',
        op: expression.operator,
        expr: describeExpression(expression.operand),
      }
    case 'paren':
      return { type: 'parenExpr', expr: describeExpression(expression.expression) }
    case 'shifted': {
      const { atExpression } = expression
      return {
        type: 'shifted',
        expr: describeExpression(expression.expression),
        ...describeShift(expression),
        ...(atExpression === undefined ? {} : { atExpr: describeExpression(atExpression) }),
      }
    }
  }
}

function describeSelector(selector: VectorSelector): Json {
  const named = selector.matchers.find(({ name, operator }) => name === metricNameLabel && operator === '=')
  return {
    name: named?.value ?? '',
    matchers: selector.matchers.map(describeMatcher),
    ...(selector.orMatchers.length === 0
      ? {}
      : { orMatchers: selector.orMatchers.map((matchers) => matchers.map(describeMatcher)) }),
    ...describeShift(selector),
    ...(selector.edges === undefined ? {} : { [selector.edges]: true }),
  }
}

const describeMatcher = ({ name, operator, value }: Matcher): Json => ({ name, value, type: operator })

function describeShift({ offset, at }: TimeShift): Json {
  return {
    offset: milliseconds(offset),
    timestamp: typeof at === 'number' ? at : null,
    startOrEnd: typeof at === 'string' ? at : null,
  }
}

function describeCall({ name, args, keepNames }: Call): Json {
  const signature = signatures.get(name)
  const optional = signature?.optional ?? 0
  return {
    type: 'call',
    func: {
      name,
      argTypes: signature?.args ?? [],
      variadic: optional === Infinity ? -1 : optional,
      returnType: signature?.returns ?? 'vector',
    },
    args: args.map(describeExpression),
    ...(keepNames ? { keepMetricNames: true } : {}),
  }
}

function describeBinary({ operator, left, right, bool, matching, keepNames }: Binary): Json {
  const { cardinality, labels, on, include, fillLeft, fillRight } = matching
  const ofVectors = typeOf(left) === 'vector' && typeOf(right) === 'vector'
  const fillValues = { lhs: fillLeft ?? null, rhs: fillRight ?? null }
  return {
    type: 'binaryExpr',
    op: operator,
    lhs: describeExpression(left),
    rhs: describeExpression(right),
    matching: ofVectors ? { card: cardinality, labels, on, include, fillValues } : null,
    bool,
    ...(keepNames ? { keepMetricNames: true } : {}),
  }
}

function milliseconds(duration: Duration | undefined): number {
  const seconds = duration === undefined ? 0 : durationSeconds(duration)
  return Number.isNaN(seconds) ? 0 : Math.round(seconds * 1000)
}
