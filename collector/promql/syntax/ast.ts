import type { Matcher } from '../../../common/series/matcher.ts'

/** Where a node stands in the query text: UTF-16 offsets, `end` excluded. */
export interface Span {
  readonly start: number
  readonly end: number
}

export type ValueType = 'scalar' | 'string' | 'vector' | 'matrix'

export const arithmeticOperators = ['+', '-', '*', '/', '%', '^', 'atan2'] as const
export const comparisonOperators = ['==', '!=', '<', '>', '<=', '>='] as const
export const setOperators = ['and', 'or', 'unless'] as const
export type ArithmeticOperator = (typeof arithmeticOperators)[number]
export type ComparisonOperator = (typeof comparisonOperators)[number]
/** Of MetricsQL: fill the gaps of the left side, keep it where the right side has a value, or where it has none. */
export const conditionalOperators = ['default', 'if', 'ifnot'] as const
export type SetOperator = (typeof setOperators)[number]
export type ConditionalOperator = (typeof conditionalOperators)[number]
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | SetOperator | ConditionalOperator

/** Those of MetricsQL that rank whole series by one number of their values over the query. */
export const rankingAggregators = [
  'topk_min',
  'topk_max',
  'topk_avg',
  'topk_median',
  'topk_last',
  'bottomk_min',
  'bottomk_max',
  'bottomk_avg',
  'bottomk_median',
  'bottomk_last',
] as const
export type RankingAggregator = (typeof rankingAggregators)[number]

export const aggregators = [
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'group',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
  // MetricsQL from here on.
  'median',
  'mode',
  'any',
  'distinct',
  'sum2',
  'geomean',
  'share',
  'zscore',
  'outliersk',
  ...rankingAggregators,
] as const
export type Aggregator = (typeof aggregators)[number]

/**
 * A duration that may depend on the query: seconds as numbers, evaluated when the step is known. `steps` are
 * multiples of the step at hand (`5i`); `implicit` is the window or step of a rollup that names none: the step at
 * hand, and never less than so many gaps between samples.
 */
export type Duration =
  | { readonly kind: 'seconds'; readonly value: number; readonly span: Span }
  | { readonly kind: 'step' | 'range'; readonly span: Span }
  | { readonly kind: 'steps'; readonly value: number; readonly span: Span }
  | { readonly kind: 'implicit'; readonly gaps: number; readonly span: Span }
  | { readonly kind: 'negate'; readonly operand: Duration; readonly span: Span }
  | {
      readonly kind: 'operation'
      readonly operator: '+' | '-' | '*' | '/' | '%' | '^'
      readonly left: Duration
      readonly right: Duration
      readonly span: Span
    }
  | {
      readonly kind: 'min_of' | 'max_of'
      readonly left: Duration
      readonly right: Duration
      readonly span: Span
    }

/** What `@` was given: milliseconds since the epoch, or an edge of the query. */
export type AtTime = number | 'start' | 'end'

/** How far back from, and at which time, a selector or subquery looks. */
export interface TimeShift {
  readonly offset: Duration | undefined
  readonly at: AtTime | undefined
}

export interface NumberLiteral {
  readonly kind: 'number'
  readonly value: number
  /** Set for `5i`: the value counts steps, and the number is their length in seconds. */
  readonly inSteps?: true
  readonly span: Span
}

export interface StringLiteral {
  readonly kind: 'string'
  readonly value: string
  readonly span: Span
}

/** How a selector treats the edges of its window; undefined is the classic window of samples inside it. */
export type Edges = 'anchored' | 'smoothed' | undefined

export interface VectorSelector extends TimeShift {
  readonly kind: 'selector'
  /** The metric name is one of the matchers, on __name__. */
  readonly matchers: readonly Matcher[]
  /** Further lists (`{a="1" or b="2"}`): a series passes when it passes any list as a whole. */
  readonly orMatchers: readonly (readonly Matcher[])[]
  readonly edges: Edges
  readonly span: Span
}

export interface RangeSelector {
  readonly kind: 'range'
  readonly selector: VectorSelector
  readonly range: Duration
  readonly span: Span
}

export interface Subquery extends TimeShift {
  readonly kind: 'subquery'
  readonly expression: Expression
  readonly range: Duration
  readonly step: Duration | undefined
  readonly span: Span
}

export interface Call {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly Expression[]
  /** Whether the result keeps the metric names that the function would remove. */
  readonly keepNames: boolean
  readonly span: Span
}

export interface Aggregation {
  readonly kind: 'aggregation'
  readonly operator: Aggregator
  readonly parameter: Expression | undefined
  /** What the sum of the series that a ranking leaves out is called: `name=value` of a label. */
  readonly rest: Expression | undefined
  readonly expression: Expression
  readonly grouping: readonly string[]
  readonly without: boolean
  /** How many series of the result are kept. */
  readonly limit: number | undefined
  readonly span: Span
}

export interface Matching {
  /** true for on(...), false for ignoring(...) and for no clause at all. */
  readonly on: boolean
  readonly labels: readonly string[]
  readonly cardinality: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many'
  /** Labels that group_left or group_right copies from the "one" side. */
  readonly include: readonly string[]
  readonly fillLeft: number | undefined
  readonly fillRight: number | undefined
}

export interface Binary {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly left: Expression
  readonly right: Expression
  readonly bool: boolean
  readonly matching: Matching
  /** Whether the text has an on, ignoring, group_* or fill clause. */
  readonly explicitMatching: boolean
  readonly keepNames: boolean
  readonly span: Span
  readonly operatorSpan: Span
}

export interface Unary {
  readonly kind: 'unary'
  readonly operator: '+' | '-'
  readonly operand: Expression
  readonly span: Span
}

export interface Paren {
  readonly kind: 'paren'
  readonly expression: Expression
  readonly span: Span
}

/** Any expression looked at from another time, as MetricsQL allows it; selectors and subqueries shift themselves. */
export interface Shifted extends TimeShift {
  readonly kind: 'shifted'
  readonly expression: Expression
  /** Seconds since the epoch, as an expression; then `at` is undefined. */
  readonly atExpression: Expression | undefined
  readonly span: Span
}

export type Expression =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | RangeSelector
  | Subquery
  | Call
  | Aggregation
  | Binary
  | Unary
  | Paren
  | Shifted

/** The expression inside any number of parentheses. */
export function unwrap(expression: Expression): Expression {
  let inner = expression
  while (inner.kind === 'paren') inner = inner.expression
  return inner
}

/** An expression put in place of a name or behind an operator: in parentheses where its text would need them. */
export function asOperand(expression: Expression): Expression {
  const { kind, span } = expression
  const bare =
    kind === 'number' ? !(expression.value < 0) && !Object.is(expression.value, -0) : !looseKinds.has(kind)
  return bare ? expression : { kind: 'paren', expression, span }
}
const looseKinds: ReadonlySet<Expression['kind']> = new Set(['binary', 'unary', 'shifted'])

export function isComparison(operator: BinaryOperator): operator is ComparisonOperator {
  return (comparisonOperators as readonly string[]).includes(operator)
}

export function isSetOperator(operator: BinaryOperator): operator is SetOperator {
  return (setOperators as readonly string[]).includes(operator)
}

export function isConditionalOperator(operator: BinaryOperator): operator is ConditionalOperator {
  return (conditionalOperators as readonly string[]).includes(operator)
}

export function isRankingAggregator(operator: Aggregator): operator is RankingAggregator {
  return (rankingAggregators as readonly string[]).includes(operator)
}
