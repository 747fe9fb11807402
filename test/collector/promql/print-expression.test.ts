import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseExpression } from '../../../collector/promql/parse-expression.ts'
import { printExpression } from '../../../collector/promql/print-expression.ts'
import { metricsqlText, promqlText } from './expression-arbitrary.ts'

/** The tree without positions, numbers as text because NaN and -0 have to survive. */
function treeOf(text: string): unknown {
  return JSON.parse(
    JSON.stringify(parseExpression(text), (key, value: unknown) => {
      // An empty ignoring () is written and means nothing.
      if (/^(?:span|operatorSpan|explicitMatching)$/.test(key)) return undefined
      if (typeof value !== 'number') return value
      return Object.is(value, -0) ? '-0' : String(value)
    }),
  )
}

describe('what is printed means the same', () => {
  test.each([
    ['PromQL', promqlText],
    ['MetricsQL', metricsqlText],
  ])('%s', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        const printed = printExpression(parseExpression(text))
        expect(treeOf(printed), printed).toEqual(treeOf(text))
        expect(printExpression(parseExpression(printed))).toBe(printed)
      }),
      { numRuns: 1_500 },
    )
  })
})
