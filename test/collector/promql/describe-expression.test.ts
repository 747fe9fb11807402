import { expect, test } from 'vitest'
import { describeExpression } from '../../../collector/promql/describe-expression.ts'
import { parseExpression } from '../../../collector/promql/parse-expression.ts'

const describe = (text: string) => describeExpression(parseExpression(text))
const shift = { offset: 0, timestamp: null, startOrEnd: null }
const selector = (name: string) => ({
  type: 'vectorSelector',
  name,
  matchers: [{ name: '__name__', value: name, type: '=' }],
  ...shift,
})

test('a selector has its matchers, offset and time', () => {
  expect(describe('up{job!~"a"} @ 1.5 offset 5m')).toEqual({
    ...selector('up'),
    matchers: [
      { name: '__name__', value: 'up', type: '=' },
      { name: 'job', value: 'a', type: '!~' },
    ],
    offset: 300_000,
    timestamp: 1500,
  })
  expect(describe('up @ end()')).toMatchObject({ timestamp: null, startOrEnd: 'end' })
})

test('calls, ranges and subqueries nest', () => {
  expect(describe('max_over_time(rate(m[5m])[1h:30s])')).toEqual({
    type: 'call',
    func: { name: 'max_over_time', argTypes: ['matrix'], variadic: 0, returnType: 'vector' },
    args: [
      {
        type: 'subquery',
        expr: {
          type: 'call',
          func: { name: 'rate', argTypes: ['matrix'], variadic: 0, returnType: 'vector' },
          args: [{ ...selector('m'), type: 'matrixSelector', range: 300_000 }],
        },
        range: 3_600_000,
        step: 30_000,
        ...shift,
      },
    ],
  })
})

test('an aggregation has its grouping and parameter', () => {
  expect(describe('topk without (a, b) (3, up)')).toEqual({
    type: 'aggregation',
    op: 'topk',
    expr: selector('up'),
    param: { type: 'numberLiteral', val: '3' },
    grouping: ['a', 'b'],
    without: true,
  })
})

test('operators of vectors say how they match, those of numbers do not', () => {
  expect(describe('(a * on (x) group_left (y) b)')).toEqual({
    type: 'parenExpr',
    expr: {
      type: 'binaryExpr',
      op: '*',
      lhs: selector('a'),
      rhs: selector('b'),
      matching: {
        card: 'many-to-one',
        labels: ['x'],
        on: true,
        include: ['y'],
        fillValues: { lhs: null, rhs: null },
      },
      bool: false,
    },
  })
  expect(describe('-up > bool 1')).toMatchObject({
    lhs: { type: 'unaryExpr', op: '-', expr: selector('up') },
    matching: null,
    bool: true,
  })
})

test('what only MetricsQL has is told where it is used', () => {
  expect(describe('sum(a) by (x) limit 3')).toMatchObject({ type: 'aggregation', op: 'sum', limit: 3 })
  expect(describe('topk_max(2, a, "x=rest")')).toMatchObject({
    rest: { type: 'stringLiteral', val: 'x=rest' },
  })
  expect(describe('abs(a) keep_metric_names')).toMatchObject({ type: 'call', keepMetricNames: true })
  expect(describe('(a + b) keep_metric_names')).toMatchObject({
    expr: { type: 'binaryExpr', keepMetricNames: true },
  })
  expect(describe('a{x="1" or y="2"}')).toMatchObject({
    orMatchers: [
      [
        { name: '__name__', value: 'a', type: '=' },
        { name: 'y', value: '2', type: '=' },
      ],
    ],
  })
  expect(describe('abs(a) @ (end() - 60)')).toMatchObject({
    type: 'shifted',
    atExpr: { type: 'parenExpr', expr: { type: 'binaryExpr', op: '-' } },
  })
  expect(describe('5i')).toEqual({ type: 'numberLiteral', val: '5', inSteps: true })
})
