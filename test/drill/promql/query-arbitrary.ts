import fc from 'fast-check'
import { firstMs } from './diverse-series.ts'
import type { ApiQuestion } from './ask-api.ts'

type Texts = fc.Arbitrary<string>

/*
 * Valid queries over the diverse series. There are two kinds of vectors. Exact ones have values that do not depend on the
 * order in which floats are added, so that anything may be done with them. Of the others, means and slopes, only
 * what does not magnify their last digits is made: neither differences nor sums of both signs, comparisons, ranks.
 */
const oneOf = (...words: readonly string[]): Texts => fc.constantFrom(...words)
const join = (...parts: readonly Texts[]): Texts => fc.tuple(...parts).map((texts) => texts.join(''))

const matcher = oneOf(
  ...['', '', '{instance="a:9"}', '{instance!="b:9"}', '{instance=~"a.*|c:9"}', '{missing=""}'],
  ...['{job=~"l.b",instance!~"[ac]:9"}', '{nothing!~".+"}'],
)
const gauge = join(
  oneOf('memory_bytes', 'cpus', 'restarts', 'late', 'ended', 'gaps', 'slow', 'flag'),
  matcher,
)
const odd = oneOf('odd{kind=~"nan|zero"}', 'odd{kind=~"inf|zero"}', 'text', 'blinking')
/** Without gaps: Prometheus 3 extrapolates otherwise beyond gaps. */
const counter = join(
  oneOf('cpu_seconds_total', 'jitter_total', 'rare_total', 'latency_seconds_count'),
  matcher,
)
const exactSelector = fc.oneof({ weight: 3, arbitrary: gauge }, odd, counter)

/** Whole quarters of a minute, and a second more for what is a window: no step of a subquery lies on its left end. */
const range = oneOf('61s', '2m1s', '5m1s', '10m1s', '15m1s')
const step = oneOf('15s', '30s', '1m', '')
const offset = oneOf('', '', '', ' offset 45s', ' offset 5m', ' offset -90s')
const at = oneOf('', '', '', '', ' @ end()', ' @ start()', ` @ ${firstMs / 1000 + 3000.001}`)
const shift = fc
  .tuple(offset, at, fc.boolean())
  .map(([first, second, swap]) => (swap ? second + first : first + second))
const number = oneOf('0', '1', '2', '-3', '0.5', '1e3', '100', 'NaN', 'Inf')
const arithmetic = oneOf(' + ', ' - ', ' * ', ' / ', ' % ')
const comparison = oneOf(' == ', ' != ', ' > ', ' < ', ' >= ', ' <= ')
const set = oneOf(' and ', ' or ', ' unless ')
const matching = oneOf('', '', 'on(instance) ', 'ignoring(type, mode) ', 'on(job, instance) ')
const grouping = oneOf(
  '',
  ' by (instance)',
  ' by (instance, type)',
  ' without (instance)',
  ' without ()',
  ' by ()',
)

type Kind = 'scalar' | 'exact' | 'other'

const { scalar, exact, other } = fc.letrec<Record<Kind, string>>((tie) => {
  const [scalar, exact, other] = [tie('scalar'), tie('exact'), tie('other')]
  // Not pinned down by @: Prometheus 2 evaluates an @ inside of it at another time when both are in a further subquery.
  const subquery = (inner: Texts): Texts =>
    join(oneOf('('), inner, oneOf(')['), range, oneOf(':'), step, oneOf(']'), offset)
  const exactRange = fc.oneof(
    { depthSize: 'small' },
    join(exactSelector, oneOf('['), range, oneOf(']'), shift),
    subquery(exact),
  )
  const counterRange = fc.oneof(join(counter, oneOf('['), range, oneOf(']'), shift))
  const call = (names: Texts, ...parts: readonly Texts[]): Texts =>
    join(names, oneOf('('), ...parts, oneOf(')'))
  return {
    scalar: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      number,
      oneOf('time()', 'pi()'),
      call(oneOf('scalar'), exact),
      join(oneOf('('), scalar, arithmetic, scalar, oneOf(')')),
      join(oneOf('('), scalar, comparison, oneOf('bool '), scalar, oneOf(')')),
    ),
    exact: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      join(exactSelector, shift),
      call(oneOf('abs', 'ceil', 'floor', 'sgn', 'round', '-', 'sort'), exact),
      // With both @ and an offset Prometheus 2 forgets the offset.
      call(oneOf('timestamp'), exactSelector, offset),
      call(oneOf('hour', 'minute', 'day_of_week', 'days_in_month'), gauge),
      call(
        oneOf('max', 'min', 'last', 'count', 'present').map((name) => `${name}_over_time`),
        exactRange,
      ),
      call(oneOf('changes', 'resets', 'idelta'), exactRange),
      fc
        .tuple(oneOf('max', 'min', 'count', 'group'), grouping, exact)
        .map(([op, g, v]) => `${op}${g} (${v})`),
      call(oneOf('topk', 'bottomk'), oneOf('1, ', '2, ', '3, '), gauge),
      call(oneOf('count_values'), oneOf('"v", '), exact),
      call(oneOf('clamp_min', 'clamp_max'), exact, oneOf(', '), number),
      call(oneOf('clamp'), exact, oneOf(', -3, '), number),
      call(oneOf('absent'), exact),
      call(oneOf('absent_over_time'), exactRange),
      call(
        oneOf('label_replace'),
        exact,
        oneOf(', "type", "$1", "instance", "(.*):.*"', ', "x", "y", "job", "l.*"'),
      ),
      call(oneOf('label_join'), exact, oneOf(', "joined", "/", "job", "instance"')),
      call(oneOf('vector'), scalar),
      join(oneOf('('), exact, arithmetic, scalar, oneOf(')')),
      join(oneOf('('), exact, comparison, oneOf('', 'bool '), scalar, oneOf(')')),
      join(oneOf('('), scalar, comparison, oneOf('', 'bool '), exact, oneOf(')')),
      // Which of several matches a comparison may leave is where Prometheus 3 is stricter: not without bool.
      join(oneOf('('), exact, comparison, oneOf('bool '), matching, exact, oneOf(')')),
      join(oneOf('('), exact, arithmetic, matching, exact, oneOf(')')),
      join(oneOf('('), exact, set, matching, exact, oneOf(')')),
      join(oneOf('(memory_bytes'), arithmetic, oneOf('on(instance) group_left '), gauge, oneOf(')')),
      join(oneOf('('), gauge, arithmetic, oneOf('on(instance) group_right(job) cpu_seconds_total)')),
    ),
    other: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      call(oneOf('rate', 'increase', 'irate'), counterRange),
      call(oneOf('abs(deriv', 'abs(delta'), gauge, oneOf('['), range, oneOf(']'), offset, oneOf(')')),
      call(
        oneOf('sum', 'avg', 'stddev', 'stdvar').map((name) => `${name}_over_time`),
        exactRange,
      ),
      call(oneOf('quantile_over_time'), oneOf('0.3, ', '1, '), exactRange),
      fc.tuple(oneOf('sum', 'avg'), grouping, exact).map(([op, g, v]) => `${op}${g} (${v})`),
      fc.tuple(oneOf('stddev', 'stdvar'), grouping, gauge).map(([op, g, v]) => `${op}${g} (${v})`),
      fc
        .tuple(oneOf('sum', 'avg', 'max', 'min', 'count'), grouping, other)
        .map(([op, g, v]) => `${op}${g} (${v})`),
      fc
        .tuple(oneOf('0.5', '0.9', '-1', '2'), grouping, other)
        .map(([q, g, v]) => `quantile${g} (${q}, ${v})`),
      call(oneOf('histogram_quantile'), oneOf('0.5, ', '0.95, '), oneOf('rate(latency_seconds_bucket[2m])')),
      call(oneOf('sqrt', 'exp', 'ln', 'abs', 'deg', 'atan'), other),
      call(oneOf('max_over_time', 'avg_over_time', 'last_over_time'), subquery(other)),
      join(oneOf('('), other, oneOf(' * ', ' / '), scalar, oneOf(')')),
      join(oneOf('('), other, oneOf(' * ', ' / '), matching, other, oneOf(')')),
      join(oneOf('('), other, set, matching, fc.oneof(exact, other), oneOf(')')),
    ),
  }
})

const middleMs = firstMs + 32 * 60_000 + 1
const seconds = (ms: number): string => String(ms / 1000)

/** A query at a time, or at steps of which the last need not be the end. */
export const question: fc.Arbitrary<ApiQuestion> = fc
  .tuple(
    fc.oneof({ weight: 9, arbitrary: fc.oneof(exact, other) }, scalar),
    fc.integer({ min: 0, max: 4_000 }).map((s) => middleMs + s * 1000),
    fc.option(fc.record({ step: oneOf('7', '15', '60', '97.5'), length: fc.nat({ max: 900 }) }), {
      nil: undefined,
    }),
  )
  .map(([query, timeMs, steps]) =>
    steps === undefined
      ? { query, time: seconds(timeMs) }
      : { query, start: seconds(timeMs), end: seconds(timeMs + steps.length * 1000), step: steps.step },
  )
