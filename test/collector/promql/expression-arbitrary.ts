import fc from 'fast-check'

type Texts = fc.Arbitrary<string>

const name = fc.constantFrom('up', 'm', 'hits_total', 'job:rate5m', 'by', 'offset1', '_x')
const label = fc.constantFrom('a', 'job', 'instance', 'on', 'le')
const text = fc.constantFrom('"x"', "'y'", '`z`', '"a\\"b"', '"ü\\n"', '""')
const matcher = fc
  .tuple(label, fc.constantFrom('=', '!=', '=~', '!~'), text)
  .map(([l, operator, value]) => `${l}${operator}${value}`)
const quotedMatcher = fc.constantFrom('"quoted label"="x"', '"a.b"!~"y"')
const duration = fc.constantFrom('5m', '1h30m', '30', '1d', '2w3d', '500ms', '1m * 2', 'step() + 1m')
const offset = fc.constantFrom(' offset 5m', ' offset -1h', ' offset 30', ' OFFSET 1d')
const at = fc.constantFrom(' @ 100', ' @ start()', ' @ end()', ' @ -1.5')
const modifiers = fc
  .tuple(fc.option(offset, { nil: '' }), fc.option(at, { nil: '' }), fc.boolean())
  .map(([first, second, swap]) => (swap ? second + first : first + second))
const number = fc.constantFrom('1', '0.5', '1e3', '0x1F', '1_000', 'NaN', 'Inf', '5m', '-2', '.5')
const labels = fc.array(label, { maxLength: 2 }).map((list) => `(${list.join(', ')})`)
const grouping = fc
  .tuple(fc.constantFrom('by', 'without', 'BY'), labels)
  .map(([word, list]) => ` ${word} ${list}`)
const oneOf = (...words: readonly string[]): Texts => fc.constantFrom(...words)
const aggregator = oneOf('sum', 'avg', 'min', 'MAX', 'count', 'group', 'stddev', 'stdvar')
const overVector = oneOf('abs', 'ceil', 'exp', 'sort', 'timestamp', 'absent', 'day_of_month')
const overMatrix = oneOf('rate', 'increase', 'delta', 'avg_over_time', 'last_over_time', 'changes', 'deriv')

/** What MetricsQL adds, per part of the grammar; every choice is left out for plain PromQL. */
interface Extras {
  readonly number: readonly Texts[]
  readonly duration: Texts
  readonly braces: readonly Texts[]
  readonly operator: Texts
  readonly afterAggregation: Texts
  readonly afterCall: Texts
  readonly vector: (parts: { scalar: Texts; vector: Texts; matrix: Texts }) => readonly Texts[]
}

const none = fc.constant('')
const plain: Extras = {
  number: [],
  duration,
  braces: [],
  operator: oneOf('and', 'or', 'unless'),
  afterAggregation: none,
  afterCall: none,
  vector: () => [],
}

const extended: Extras = {
  number: [oneOf('8Ki', '1.5M', '2k', '5i', '1.5h', '2GiB')],
  duration: fc.oneof(duration, oneOf('5i', '1.5m', '0.5i')),
  braces: [oneOf('{a="1" or a="2"}', '{a="1",job=~"x" or le="2" or on="3"}')],
  operator: oneOf('and', 'or', 'unless', 'default', 'if', 'ifnot'),
  afterAggregation: oneOf('', '', ' limit 3'),
  afterCall: oneOf('', '', ' keep_metric_names'),
  vector: ({ scalar, vector, matrix }) => [
    fc.tuple(overMatrix, vector).map(([fn, v]) => `${fn}(${v})`),
    fc.tuple(overMatrix, vector).map(([fn, v]) => `${fn}((${v})[5m])`),
    fc.tuple(vector, vector).map(([a, b]) => `(${a}, ${b})`),
    fc.tuple(vector, scalar).map(([a, b]) => `union(${a}, ${b},)`),
    fc.tuple(vector, vector).map(([a, b]) => `(${a} / ${b}) keep_metric_names`),
    fc.tuple(vector, modifiers).map(([v, m]) => `sum(${v},)${m}`),
    fc.tuple(vector, scalar).map(([v, s]) => `abs(${v}) @ (${s}) offset 1m`),
    fc.tuple(matrix, scalar).map(([m, s]) => `share_gt_over_time(${m}, ${s})`),
    fc.tuple(scalar, vector).map(([s, v]) => `topk_avg(${s}, ${v}, "other=x")`),
    fc.tuple(vector, text).map(([v, t]) => `label_set(${v}, "l", ${t} + ${t})`),
    vector.map((v) => `(WITH (x = ${v}, f(q) = q + x) f(x) * x)`),
    fc.tuple(name, matcher).map(([n, m]) => `(WITH (c = {${m}}) ${n}{c, le="1"})`),
  ],
}

/** A clause binds to its operator alone: the operands have to be vectors as they stand. */
function withMatching(left: string, operator: string, clause: string, right: string): string {
  return clause === '' ? `${left} ${operator} ${right}` : `(${left}) ${operator}${clause} (${right})`
}

function expressions(extras: Extras): Texts {
  const braces = fc.oneof(
    fc
      .array(fc.oneof({ weight: 4, arbitrary: matcher }, quotedMatcher), { maxLength: 3 })
      .map((list) => `{${list.join(',')}}`),
    ...extras.braces,
  )
  const selector = fc.oneof(
    fc.tuple(name, fc.option(braces, { nil: '' })).map(([n, b]) => n + b),
    matcher.map((m) => `{job="x",${m}}`),
    fc.constant('{"quoted.name",a="b"}'),
  )
  const matching = fc.oneof(
    { weight: 4, arbitrary: none },
    fc.tuple(oneOf('on', 'ignoring'), labels).map(([word, list]) => ` ${word} ${list}`),
  )
  const { expression } = fc.letrec<Record<'expression' | 'scalar' | 'vector' | 'matrix', string>>((tie) => {
    const [scalar, vector, matrix] = [tie('scalar'), tie('vector'), tie('matrix')]
    return {
      scalar: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.oneof(number, ...extras.number),
        fc
          .tuple(scalar, oneOf('+', '-', '*', '/', '%', '^', 'atan2', '== bool', '< bool'), scalar)
          .map((p) => p.join(' ')),
        vector.map((v) => `scalar(${v})`),
        scalar.map((s) => `(${s})`),
        fc.constant('time()'),
      ),
      matrix: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.tuple(selector, extras.duration, modifiers).map(([s, d, m]) => `${s}[${d}]${m}`),
        fc
          .tuple(vector, extras.duration, oneOf('', '1m', '30'), modifiers)
          .map(([v, d, s, m]) => `(${v})[${d}:${s}]${m}`),
      ),
      vector: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.tuple(selector, modifiers).map(([s, m]) => s + m),
        fc.tuple(overMatrix, matrix, extras.afterCall).map(([fn, m, k]) => `${fn}(${m})${k}`),
        fc.tuple(overVector, vector, extras.afterCall).map(([fn, v, k]) => `${fn}(${v})${k}`),
        fc
          .tuple(aggregator, vector, fc.option(grouping, { nil: '' }), extras.afterAggregation)
          .map(([op, v, g, l]) => `${op}(${v})${g}${l}`),
        fc.tuple(aggregator, grouping, vector).map(([op, g, v]) => `${op}${g} (${v})`),
        fc
          .tuple(oneOf('topk', 'bottomk', 'quantile'), scalar, vector)
          .map(([op, s, v]) => `${op}(${s}, ${v})`),
        fc
          .tuple(vector, oneOf('+', '-', '*', '/', '==', '!=', '>', '<= bool'), matching, vector)
          .map((p) => withMatching(...p)),
        fc.tuple(vector, extras.operator, matching, vector).map((p) => withMatching(...p)),
        fc.tuple(vector, vector).map(([a, b]) => `(${a}) * on (a) group_left (job) (${b})`),
        fc.tuple(vector, oneOf('+', '^', '>'), scalar).map((p) => p.join(' ')),
        fc.tuple(oneOf('-', '+'), vector).map((p) => p.join('')),
        vector.map((v) => `(${v})`),
        fc.tuple(vector, text).map(([v, t]) => `label_replace(${v}, "dst", ${t}, "src", "(.*)")`),
        ...extras.vector({ scalar, vector, matrix }),
      ),
      expression: fc.oneof(vector, scalar, matrix),
    }
  })
  return expression
}

/** Texts that Prometheus takes. */
export const promqlText = expressions(plain)
/** Texts that need MetricsQL here and there. */
export const metricsqlText = expressions(extended)

/** Pieces of queries in any order, and some bytes that are none. */
export const tokenSoup = fc
  .array(
    fc.oneof(
      oneOf(
        '(',
        ')',
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '=',
        '=~',
        '!=',
        '@',
        '+',
        '-',
        '*',
        '^',
        '<',
        '>=',
        '"',
        "'",
        '`',
      ),
      oneOf(
        'sum',
        'by',
        'rate',
        'offset',
        'bool',
        'on',
        'group_left',
        'and',
        'default',
        'if',
        'WITH',
        'limit',
        'start',
      ),
      oneOf(
        'keep_metric_names',
        'up',
        'm',
        '1',
        '5m',
        '1Ki',
        '5i',
        '"x"',
        '"("',
        'inf',
        'x = ',
        'f(x) = ',
        'or',
        '</',
        '#',
        '\n',
      ),
      oneOf(
        'topk_max',
        'label_set',
        'union',
        'step()',
        'min_of',
        'smoothed',
        'fill',
        '0x',
        '1e',
        '\\',
        '\ud800',
        'é',
        '\0',
      ),
      promqlText,
    ),
    { maxLength: 30 },
  )
  .chain((parts) => fc.constantFrom('', ' ').map((separator) => parts.join(separator)))
