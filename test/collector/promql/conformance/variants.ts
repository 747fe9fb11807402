import type { Engine } from '../../../../collector/promql/engine.ts'
import { parseExpression } from '../../../../collector/promql/parse-expression.ts'
import { printExpression } from '../../../../collector/promql/print-expression.ts'
import type { Queryable } from '../../../../collector/promql/queryable.ts'
import type { InstantResult } from '../../../../collector/promql/result.ts'
import { callsOf, pinned } from './selectors.ts'
import type { EvalStatement } from './test-file.ts'

/** Another way to the result that an instant case expects. */
export interface Variant {
  readonly name: string
  readonly run: () => Promise<InstantResult>
}

/** Functions whose value depends on when they are evaluated, whatever @ says. */
const timeDependent: ReadonlySet<string> = new Set([
  ...['days_in_month', 'day_of_month', 'day_of_week', 'day_of_year', 'hour', 'minute', 'month', 'year'],
  ...['predict_linear', 'time', 'timestamp', 'start', 'end', 'step', 'range'],
])

/**
 * The re-runs of the reference for instant cases without an expected failure: with @ on all selectors and evaluated
 * at other times, and each of those as the middle step of a range query.
 */
export function variantsOf(statement: EvalStatement, engine: Engine, queryable: Queryable): Variant[] {
  const { expression, endMs: timeMs, text, rangeVector, ordered, expectations } = statement
  if (statement.stepMs > 0 || expectations.some(({ what }) => what === 'fail')) return []
  const parsed = parseExpression(expression)
  const calls = callsOf(parsed)
  const asRange = text === undefined && rangeVector === undefined && !ordered
  const variants: Variant[] = []
  const add = (name: string, query: string, atMs: number): void => {
    variants.push({ name, run: () => engine.instant(queryable, query, atMs) })
    const fixed = /\b(?:start|end|range|step)\(\)/i.test(expression)
    if (!asRange || fixed) return
    variants.push({
      name: `${name}, as range query`,
      run: () => middleOfRange(engine, queryable, query, atMs),
    })
  }
  add('as written', expression, timeMs)
  if (calls.some((name) => timeDependent.has(name))) return variants
  const fixed = printExpression(pinned(parsed, timeMs))
  const times = timeMs === 0 ? [-1000, 0, 1000] : [-10 * timeMs, 0, timeMs / 5, timeMs, 10 * timeMs]
  for (const atMs of times) add(`${fixed} at ${atMs} ms`, fixed, Math.round(atMs))
  return variants
}

async function middleOfRange(
  engine: Engine,
  queryable: Queryable,
  query: string,
  timeMs: number,
): Promise<InstantResult> {
  const { type } = await engine.instant(queryable, query, timeMs)
  const range = await engine.range(queryable, query, timeMs - 60_000, timeMs + 60_000, 60_000)
  const samples = range.series.flatMap(({ labels, timestamps, values }) => {
    const at = timestamps.indexOf(timeMs)
    return at < 0 ? [] : [{ labels, timeMs, value: values[at]! }]
  })
  const { warnings, infos } = range
  if (type === 'scalar') return { type, timeMs, value: samples[0]!.value, warnings, infos }
  return { type: 'vector', samples, warnings, infos }
}
