import { createEngine } from '../../../../collector/promql/engine.ts'
import { parseExpression } from '../../../../collector/promql/parse-expression.ts'
import type { InstantResult } from '../../../../collector/promql/result.ts'
import { matches } from '../../../../collector/promql/syntax/match.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { labelValue } from '../../../../common/series/label-set.ts'
import type { LabelSet } from '../../../../common/series/label-set.ts'
import { createMemoryQueryable } from '../memory-queryable.ts'
import type { MemoryQueryable } from '../memory-queryable.ts'
import { classOf, classes } from './classify.ts'
import type { CaseClass } from './classify.ts'
import { difference } from './compare.ts'
import { selectorsOf } from './selectors.ts'
import { parseSeriesLine, toSamples } from './series-notation.ts'
import { parseTestFile } from './test-file.ts'
import type { EvalStatement, Statement } from './test-file.ts'
import { variantsOf } from './variants.ts'

export interface FileResult {
  readonly passed: number
  /** Cases that concern floats. */
  readonly total: number
  /** Cases that need native histograms or start timestamps, which the engine does not have. */
  readonly notApplicable: number
  readonly byClass: Readonly<Record<CaseClass, { readonly passed: number; readonly total: number }>>
  /** One line per failure. */
  readonly failures: readonly string[]
}

/** Runs all cases of one file; the reference runs them with delayed name removal. */
export async function runTestFile(text: string, delayedNameRemoval: boolean): Promise<FileResult> {
  const queryable = createMemoryQueryable()
  const engine = createEngine({ delayedNameRemoval, maxSamples: 100_000 })
  let beyondFloats: LabelSet[] = []
  let total = 0
  let notApplicable = 0
  const byClass = Object.fromEntries(classes.map((name) => [name, { passed: 0, total: 0 }])) as Record<
    CaseClass,
    { passed: number; total: number }
  >
  const failures: string[] = []
  for (const statement of parseTestFile(text)) {
    if (statement.kind === 'clear') {
      queryable.clear()
      beyondFloats = []
    } else if (statement.kind === 'load') {
      beyondFloats.push(...load(statement, queryable))
    } else if (needsMoreThanFloats(statement, beyondFloats)) notApplicable++
    else {
      total++
      const counts = byClass[classOf(parseExpression(statement.expression))]
      counts.total++
      const problem = (await problemOf(statement)) ?? (await firstVariantProblem(statement))
      if (problem === undefined) counts.passed++
      else failures.push(`line ${statement.line}: ${statement.expression}: ${problem}`)
    }
  }
  return { passed: total - failures.length, total, notApplicable, byClass, failures }

  async function problemOf(statement: EvalStatement): Promise<string | undefined> {
    const { expression, startMs, endMs, stepMs, expectations } = statement
    const failure = expectations.find(({ what }) => what === 'fail')
    let result: InstantResult
    try {
      result =
        stepMs > 0
          ? await engine.range(queryable, expression, startMs, endMs, stepMs)
          : await engine.instant(queryable, expression, endMs)
    } catch (error) {
      if (!(error instanceof PgherdError)) throw error
      if (failure === undefined) return `failed: ${error.message}`
      return failure.matches(error.message) ? undefined : `failed differently: ${error.message}`
    }
    if (failure !== undefined) return 'did not fail'
    return (
      remarkProblem(statement, 'warn', result.warnings) ??
      remarkProblem(statement, 'info', result.infos) ??
      difference(statement, result)
    )
  }

  async function firstVariantProblem(statement: EvalStatement): Promise<string | undefined> {
    for (const { name, run } of variantsOf(statement, engine, queryable)) {
      try {
        const problem = difference(statement, await run())
        if (problem !== undefined) return `${name}: ${problem}`
      } catch (error) {
        if (!(error instanceof PgherdError)) throw error
        return `${name}: failed: ${error.message}`
      }
    }
    return undefined
  }
}

/** Stores the float samples of a load; returns the series that are more than floats. */
function load(statement: Extract<Statement, { kind: 'load' }>, queryable: MemoryQueryable): LabelSet[] {
  const beyondFloats: LabelSet[] = []
  for (const line of statement.lines) {
    if (line.includes('@st')) {
      beyondFloats.push(parseSeriesLine(line.replace(/@st\s.*$/, ' _')).labels)
      continue
    }
    const { labels, items } = parseSeriesLine(line)
    if (items.some(({ kind }) => kind === 'histogram')) beyondFloats.push(labels)
    if (statement.buckets) beyondFloats.push(...bucketsAsHistogram(labels))
    const { timestamps, values } = toSamples(items, statement.stepMs)
    if (values.length > 0) queryable.add(labels, timestamps, values)
  }
  return beyondFloats
}

/** The native histogram that a load makes of a classic one, besides the classic series. */
function bucketsAsHistogram(labels: LabelSet): LabelSet[] {
  const suffix = /_(?:bucket|count|sum)$/
  if (!suffix.test(labelValue(labels, '__name__'))) return []
  const out: string[] = []
  for (let i = 0; i < labels.length; i += 2) {
    const [name, value] = [labels[i]!, labels[i + 1]!]
    if (name !== 'le') out.push(name, name === '__name__' ? value.replace(suffix, '') : value)
  }
  return [out]
}

function remarkProblem(
  statement: EvalStatement,
  kind: 'warn' | 'info',
  got: readonly string[],
): string | undefined {
  const wanted = statement.expectations.filter(({ what }) => what === kind)
  const none = statement.expectations.some(({ what }) => what === `no_${kind}`)
  if (none && got.length > 0) return `unexpected ${kind}: ${got.join('; ')}`
  if (wanted.length === 0) return undefined
  const missing = wanted.some(({ matches: accepts }) => !got.some(accepts))
  const surplus = got.some((message) => !wanted.some(({ matches: accepts }) => accepts(message)))
  return missing || surplus ? `expected another ${kind}, got: ${got.join('; ') || 'none'}` : undefined
}

/** Operators and functions of native histograms and start timestamps, which the parser refuses. */
const beyondFloatsPattern = /<\/|>\/|start_timestamp|histogram_(?:avg|count|sum|stddev|stdvar)\(/

function needsMoreThanFloats(statement: EvalStatement, beyondFloats: readonly LabelSet[]): boolean {
  const { expression, results } = statement
  if (results.some((line) => line.includes('{{')) || beyondFloatsPattern.test(expression)) return true
  return selectorsOf(parseExpression(expression)).some((matchers) =>
    beyondFloats.some((labels) =>
      matchers.every((matcher) => matches(matcher, labelValue(labels, matcher.name))),
    ),
  )
}
