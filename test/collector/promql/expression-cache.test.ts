import { describe, expect, it } from 'vitest'
import { createExpressionCache } from '../../../collector/promql/expression-cache.ts'
import { parseExpression } from '../../../collector/promql/parse-expression.ts'

const text = 'sum by (job) (rate(m{a="b"}[5m])) + (m @ end())'

describe('an expression that was asked before', () => {
  it('is not parsed again', () => {
    const parse = createExpressionCache()
    expect(parse(text)).toBe(parse(text))
    expect(parse(text).expression).toEqual(parseExpression(text))
  })

  it('keeps what is the same at every step', () => {
    const parse = createExpressionCache()
    expect([...parse(text).invariant].map(({ kind }) => kind)).toEqual(['selector', 'paren'])
  })

  it('keeps halves of surrogate pairs, which stand for bytes', () => {
    const parse = createExpressionCache()
    const half = 'm{a="\udc80"}'
    expect(parse(half).expression).toEqual(parseExpression(half))
  })

  it('fails again when it failed', () => {
    const parse = createExpressionCache()
    for (let i = 0; i < 2; i++) expect(() => parse('sum(')).toThrow('parse error')
  })
})

describe('expressions are forgotten', () => {
  /** A kilobyte each. */
  const nth = (n: number): string => `m{a="${String(n).padStart(1016, '0')}"}`

  it('when 32 KiB of others were asked since', () => {
    const parse = createExpressionCache()
    const [first, second] = [parse(nth(0)), parse(nth(1))]
    for (let n = 2; n < 32; n++) parse(nth(n))
    expect(parse(nth(0))).toBe(first)
    parse(nth(32))
    expect(parse(nth(0))).toBe(first)
    expect(parse(nth(1))).not.toBe(second)
  })

  it('at once when they are very long', () => {
    const parse = createExpressionCache()
    const long = `m{a="${'x'.repeat(4_096)}"}`
    expect(parse(long)).not.toBe(parse(long))
  })
})
