import { describe, expect, test } from 'vitest'
import { parseExpression } from '../../../collector/promql/parse-expression.ts'
import { printExpression } from '../../../collector/promql/print-expression.ts'
import { PgherdError } from '../../../common/errors.ts'

function problemOf(text: string): string {
  try {
    parseExpression(text)
  } catch (error) {
    if (error instanceof PgherdError && error.code === 'QUERY_INVALID') return error.message
    throw error
  }
  return 'accepted'
}

describe('a query that cannot be understood says where and why', () => {
  test.each([
    ['', '1:1: parse error: no expression found in input'],
    ['# only a comment', '1:1: parse error: no expression found in input'],
    ['sum(', '1:5: parse error: unexpected end of input'],
    ['sum(up', '1:7: parse error: unexpected end of input in aggregation, expected "," or ")"'],
    ['up)', '1:3: parse error: unexpected right parenthesis ")"'],
    ['up up', '1:4: parse error: unexpected identifier "up"'],
    ['1 +', '1:4: parse error: unexpected end of input'],
    ['(1', '1:3: parse error: unexpected end of input in parenthesised expression, expected ")"'],
    ['rate(up[5m]\n  + )', '2:5: parse error: unexpected right parenthesis ")"'],
    ['a ~ b', '1:3: parse error: unexpected character: "~"'],
    ['"open', '1:1: parse error: unterminated quoted string'],
    ['`open', '1:1: parse error: unterminated raw string'],
    ['"\\q"', '1:1: parse error: bad string: unknown escape sequence "\\q"'],
    ['5mm', '1:1: parse error: bad number or duration syntax: "5mm"'],
    ['up[5x]', '1:4: parse error: bad number or duration syntax: "5x"'],
    [
      'up{',
      '1:4: parse error: unexpected end of input in label matching, expected identifier, quoted name or "}"',
    ],
    [
      'up{a}',
      '1:5: parse error: unexpected right brace "}" in label matching, expected label matching operator',
    ],
    ['up{a=b}', '1:6: parse error: unexpected identifier "b" in label matching, expected string'],
    ['up{a=~"("}', '1:4: parse error: error parsing regexp: missing closing ): `(`'],
    ['up{a:b="c"}', '1:5: parse error: unexpected character in label name "a:b": ":"'],
    ['up{"down"}', '1:4: parse error: metric name must not be set twice: "up" or "down"'],
    ['up{__name__="down"}', '1:1: parse error: metric name must not be set twice: "up" or "down"'],
    ['{}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['{a=~".*"}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['up[]', '1:4: parse error: missing duration in range selector'],
    ['up[0s]', '1:4: parse error: duration must be greater than 0'],
    ['up[5m', '1:6: parse error: unexpected end of input in subquery or range, expected ":" or "]"'],
    ['up offset 5m [5m]', '1:14: parse error: no offset modifiers allowed before range'],
    ['up @ 5 [5m]', '1:8: parse error: no @ modifiers allowed before range'],
    ['up offset 1m offset 2m', '1:1: parse error: offset may not be set multiple times'],
    ['up @ 1 @ 2', '1:1: parse error: @ <timestamp> may not be set multiple times'],
    ['up @ Inf', '1:1: parse error: timestamp out of bounds for @ modifier: Inf'],
    [
      '1 offset 5m',
      '1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    ],
    ['up[5m] + 1', '1:1: parse error: binary expression must contain only scalar and instant vector types'],
    [
      'sum(up[5m])',
      '1:5: parse error: expected type instant vector in aggregation expression, got range vector',
    ],
    ['topk(up, up)', '1:6: parse error: expected type scalar in aggregation parameter, got instant vector'],
    ['rate()', '1:1: parse error: expected 1 argument(s) in call to "rate", got 0'],
    ['round(up, 1, 2)', '1:1: parse error: expected at most 2 argument(s) in call to "round", got 3'],
    ['label_join(up)', '1:1: parse error: expected at least 3 argument(s) in call to "label_join", got 1'],
    ['nope(up)', '1:1: parse error: unknown function with name "nope"'],
    ['RATE(up[5m])', '1:1: parse error: unknown function with name "RATE", did you mean "rate"?'],
    [
      'topk(5)',
      '1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1',
    ],
    ['sum()', '1:1: parse error: no arguments for aggregate expression provided'],
    ['1 == 1', '1:3: parse error: comparisons between scalars must use BOOL modifier'],
    ['up + bool up', '1:4: parse error: bool modifier can only be used on comparison operators'],
    ['up and 1', '1:1: parse error: set operator "and" not allowed in binary scalar expression'],
    ['up + on(a) 1', '1:1: parse error: vector matching only allowed between instant vectors'],
    ['a and on(x) group_left b', '1:1: parse error: no grouping allowed for "and" operation'],
    [
      'a * on(x) group_left(x) b',
      '1:3: parse error: label "x" must not occur in ON and GROUP clause at once',
    ],
    [
      '-"text"',
      '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "string"',
    ],
    ['1[5m:]', '1:1: parse error: subquery is only allowed on instant vector, got scalar instead'],
    ['sum by (a:b) (up)', '1:9: parse error: unexpected identifier "a:b" in grouping opts, expected label'],
    ['h </ 2', '1:3: parse error: operator "</" trims native histograms, which are not supported'],
    [
      'up[1m:1m] smoothed',
      '1:11: parse error: smoothed modifier must be preceded by an instant or range vector selector',
    ],
  ])('%s', (text, message) => {
    expect(problemOf(text)).toBe(message)
  })

  test('a name that is nearly that of a function is put right', () => {
    expect(problemOf('sum(incraese_pure(up[5m]))')).toContain('unknown function with name "incraese_pure"')
    expect(problemOf('avg_overtime(up[5m])')).toContain('did you mean "avg_over_time"?')
    expect(problemOf(`${'x'.repeat(1_000_000)}(1)`)).toContain('unknown function with name')
  })

  test.each([
    ['histogram_count(up)', 'histogram_count() works on native histograms, which are not supported'],
    ['rate(histogram_sum(up)[5m:])', 'histogram_sum() works on native histograms, which are not supported'],
    ['start_timestamp(up)', 'start_timestamp() needs start timestamps, which are not supported'],
    ['histogram_over_time(up[5m])', "MetricsQL's histogram_over_time() is not supported"],
    ['outliers_iqr(up)', "MetricsQL's outliers_iqr() is not supported"],
    ['up >/ 2', 'operator ">/" trims native histograms, which are not supported'],
    ['{{schema:0}}', 'native histograms ({{...}}) are not supported'],
  ])('what is known and not supported says so: %s', (text, message) => {
    expect(problemOf(text)).toContain(message)
  })

  test('the place is in the details too', () => {
    expect(() => parseExpression('up +\n  nope(1)')).toThrow(
      expect.objectContaining({ details: { line: 2, column: 3, start: 7, end: 14 } }),
    )
  })

  test('nesting beyond reason is refused instead of exhausting the stack', () => {
    expect(problemOf('('.repeat(10_000))).toContain('nested deeper than 250 levels')
    expect(problemOf('-'.repeat(10_000) + '1')).toContain('nested deeper than 250 levels')
    expect(problemOf('1' + ' + 1'.repeat(100_000))).toContain('nested deeper than 1000 levels')
    expect(problemOf(`up[${'('.repeat(10_000)}`)).toContain('duration has more than 100 operators or levels')
    expect(problemOf(`up[1m${'+1m'.repeat(10_000)}]`)).toContain('duration has more than 100')
    expect(problemOf('1' + ' + 1'.repeat(900))).toBe('accepted')
  })
})

describe('templates that cannot be expanded', () => {
  test.each([
    ['WITH (f(x) = f(x) + 1) f(2)', '1:14: parse error: unknown function with name "f"'],
    ['WITH (x = 1, x = 2) x', '1:14: parse error: WITH template "x" is defined twice'],
    ['WITH (f(a, a) = a) f(1, 2)', '1:12: parse error: parameter "a" is named twice'],
    [
      'WITH (f(a) = a) f(1, 2)',
      '1:18: parse error: expected 1 argument(s) in call to WITH template "f", got 2',
    ],
    ['WITH (x = 1', '1:12: parse error: unexpected end of input in WITH, expected an expression'],
    ['WITH (x) x', '1:8: parse error: unexpected right parenthesis ")" in WITH, expected "="'],
    ['WITH (1 = 2) 3', '1:7: parse error: unexpected number "1" in WITH, expected name'],
    ['WITH (x = ) x', '1:11: parse error: unexpected right parenthesis ")" in WITH, expected an expression'],
    ['WITH (x = 1 2) x', '1:13: parse error: unexpected number "2" in WITH template "x"'],
    ['WITH (x = sum(y)) up{x}', '1:22: parse error: WITH template "x" is no list of label filters'],
    [
      'WITH (x = up) up[x]',
      '1:11: parse error: unexpected identifier "up" in subquery or range, expected number',
    ],
  ])('%s', (text, message) => {
    expect(problemOf(text)).toContain(message)
  })

  test('expansion is bounded, however a query multiplies itself', () => {
    const doubling = Array.from({ length: 60 }, (_, i) => `x${i + 1} = x${i} + x${i}`).join(', ')
    expect(problemOf(`WITH (x0 = up, ${doubling}) x60`)).toContain(
      'WITH templates expand to more than 50000 tokens',
    )
    const filters = Array.from({ length: 20 }, (_, i) => `f${i + 1} = {f${i} or f${i}}`).join(', ')
    expect(problemOf(`WITH (f0 = {a="b"}, ${filters}) up{f20}`)).toMatch(/expand|combine/)
    const squared = `{${Array.from({ length: 40 }, (_, i) => `a="${i}"`).join(' or ')}}`
    expect(problemOf(`WITH (c = ${squared}) up{c, c}`)).toContain(
      'label filters combine to more than 1000 lists',
    )
    const chain = Array.from({ length: 2_000 }, (_, i) => `x${i + 1} = x${i}`).join(', ')
    expect(problemOf(`WITH (x0 = up, ${chain}) x2000`)).toContain('nested deeper than')
  })
})

describe('precedence', () => {
  test.each([
    ['1 + 2 * 3', '1 + (2 * 3)'],
    ['1 - 2 - 3', '(1 - 2) - 3'],
    ['2 ^ 3 ^ 2', '2 ^ (3 ^ 2)'],
    ['-2 ^ 2', '-(2 ^ 2)'],
    ['-a * b', '(-a) * b'],
    ['a or b and c', 'a or (b and c)'],
    ['a and b unless c', '(a and b) unless c'],
    ['a > b + c', 'a > (b + c)'],
    ['a atan2 b * c', '(a atan2 b) * c'],
    ['2 ^ -1 * 3', '(2 ^ -1) * 3'],
    ['a default b or c', 'a default (b or c)'],
    ['a if b default c', '(a if b) default c'],
    ['a if b or c', 'a if (b or c)'],
    ['a if b ifnot c', '(a if b) ifnot c'],
    ['a default b default c', '(a default b) default c'],
    ['-a default b > 1', '(-a) default (b > 1)'],
  ])('%s means %s', (text, grouped) => {
    const withoutSpans = (expression: unknown): unknown =>
      JSON.parse(
        JSON.stringify(expression, (key, value: unknown) =>
          /^(?:span|operatorSpan)$/.test(key) ? undefined : value,
        ),
      )
    const flatten = (node: unknown): unknown => {
      if (Array.isArray(node)) return node.map(flatten)
      if (typeof node !== 'object' || node === null) return node
      if ('kind' in node && node.kind === 'paren' && 'expression' in node) return flatten(node.expression)
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, flatten(value)]))
    }
    expect(flatten(withoutSpans(parseExpression(text)))).toEqual(
      flatten(withoutSpans(parseExpression(grouped))),
    )
  })
})

describe('what is accepted, in its canonical form', () => {
  test.each([
    ['SUM BY (a) (up)', 'sum by (a) (up)'],
    ['sum(up) without (a, "b c")', 'sum without (a, "b c") (up)'],
    ['{"metric.name", "label.name"="x"}', '{__name__="metric.name","label.name"="x"}'],
    ['up{a="b",}', 'up{a="b"}'],
    ["up{a='it''s'}".replace("''", "\\'"), 'up{a="it\'s"}'],
    ['up{a=`raw\\n`}', 'up{a="raw\\\\n"}'],
    ['rate(up[300])', 'rate(up[5m])'],
    ['1h30m', '5400'],
    ['0x1F + 1_000 + 1e3', '31 + 1000 + 1000'],
    ['inf + NAN', '+Inf + NaN'],
    ['up offset -5m @ end()', 'up @ end() offset -5m'],
    ['up @ 1m40s', 'up @ 100.000'],
    ['up[step() * 2:max_of(1m, step())]', 'up[step() * 2s:max_of(1m, step())]'],
    ['a == BOOL ON (x) b', 'a == bool on (x) b'],
    ['a * Ignoring(x) Group_Left(y) b', 'a * ignoring (x) group_left (y) b'],
    ['a + fill(0) b', 'a + fill (0) b'],
    ['increase(a[5m] anchored)', 'increase(a[5m] anchored)'],
    ['sum', 'sum'],
    ['offset + by', 'offset + by'],
    ['8Ki + 1.5M + 2kb + 3GiB', '8192 + 1500000 + 2000 + 3221225472'],
    ['1.5h + 5i', '5400 + 5i'],
    ['up[5i] offset 0.5i', 'up[5i] offset 0.5i'],
    ['up[1.5m:30s]', 'up[1m30s:30s]'],
    ['(up)[5m]', '(up)[5m]'],
    ['rate(up)', 'rate(up)'],
    ['rate(up offset 5m)', 'rate(up offset 5m)'],
    ['rate(sum(up))', 'rate(sum(up))'],
    ['up{a="1" OR b="2"}', 'up{a="1" or b="2"}'],
    ['{a="1",b="2" or __name__="up"}', '{a="1",b="2" or __name__="up"}'],
    ['up{or="x"}', 'up{or="x"}'],
    ['sum(up,) by (a,) limit 5', 'sum by (a) (up) limit 5'],
    ['(a, b,)', 'union(a, b)'],
    ['union(1, a)', 'union(vector(1), a)'],
    ['abs(a) keep_metric_names + b', 'abs(a) keep_metric_names + b'],
    ['a / b keep_metric_names', '(a / b) keep_metric_names'],
    ['sum(up) offset 5m @ 10', 'sum(up) @ 10.000 offset 5m'],
    ['up @ (end() - 5)', 'up @ (end() - 5)'],
    ['a DEFAULT on(x) b', 'a default on (x) b'],
    ['"a" + "b"', '"ab"'],
    ['WITH (x = 1) x', '1'],
    ['WITH (x = -2) x ^ 2', '(-2) ^ 2'],
    ['with (f(a, b) = a + b) f(1, 2) * 3', '(1 + 2) * 3'],
    ['WITH (f(x) = x{a="b"}[5m]) rate(f(up{c="d"}))', 'rate(up{c="d",a="b"}[5m])'],
    ['WITH (w = 5m, s = 30s) max_over_time(up[w:s] offset w)', 'max_over_time(up[5m:30s] offset 5m)'],
    ['WITH (c = {a="1" or a="2"}) up{c, b="x"}', 'up{a="1",b="x" or a="2",b="x"}'],
    ['WITH (l = (a, b), m = c) sum(up) by (l, m)', 'sum by (a, b, c) (up)'],
    ['WITH (x = "a", y = x + "b") up{l=y + "c"}', 'up{l="abc"}'],
    ['WITH (up = up{a="b"}) up', 'up{a="b"}'],
    ['WITH (x = 1) WITH (x = x + 1) x', '(1 + 1)'],
    ['(WITH (x = a) x) + x', '(a) + x'],
    ['WITH (f(q) = WITH (q = q + 1) q * 2) f(b)', '((b + 1) * 2)'],
    ['up # a comment\n + 1', 'up + 1'],
    ['up{on="a",by="b",bool="c"}', 'up{on="a",by="b",bool="c"}'],
    [':recorded:rule', ':recorded:rule'],
  ])('%s', (text, printed) => {
    expect(printExpression(parseExpression(text))).toBe(printed)
    expect(printExpression(parseExpression(printed))).toBe(printed)
  })
})
