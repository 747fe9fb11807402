import type { RuleTestReport } from '../../common/alerts/rule-files.ts'
import { messageOf } from '../../common/errors.ts'
import { systemClock } from '../../common/clock.ts'
import { silentLog } from '../../common/log.ts'
import { labelRecord, labelSet } from '../../common/series/label-set.ts'
import { setStale } from '../../common/series/stale.ts'
import { nextTurn } from '../../common/turn.ts'
import { createEngine } from '../promql/engine.ts'
import { createGroupRunner } from '../rules/group-runner.ts'
import type { GroupRunner } from '../rules/group-runner.ts'
import type { RuleGroup, VectorSample } from '../rules/rule-types.ts'
import { createMemoryStore } from './memory-store.ts'
import type { MemoryStore } from './memory-store.ts'
import { printSeries } from './series-notation.ts'
import type { UnitTest } from './unit-test-file.ts'

type Failure = RuleTestReport['failures'][number]

export interface TestSettings {
  readonly evaluationIntervalMs: number
  /** Values may differ in what cannot be told apart after some arithmetic. */
  readonly fuzzy: boolean
  /** Between evaluations; others have their turn there. @throws PgherdError when it takes too long */
  readonly checkpoint: () => void
}

const minute = 60_000

/**
 * One unit test as promtool runs it: every interval all groups are evaluated over the samples up to then; an alert test looks
 * at the alerts that fire at the last evaluation before its time, an expression at the end at all samples.
 * @returns how many comparisons were made, and those that failed
 */
export async function runTest(
  test: UnitTest,
  groups: readonly RuleGroup[],
  settings: TestSettings,
): Promise<{ readonly checks: number; readonly failures: readonly Failure[] }> {
  const store = createMemoryStore()
  const engine = createEngine()
  const never = new AbortController().signal
  const query = async (expression: string, timeMs: number): Promise<readonly VectorSample[]> => {
    const result = await engine.instant(store, expression, timeMs)
    if (result.type === 'vector') return result.samples
    return result.type === 'scalar' ? [{ labels: [], value: result.value }] : []
  }
  const runners = groups.map((group) =>
    createGroupRunner(group, {
      query,
      append: (...given) => store.append(...given),
      select: (...given) => store.select(...given),
      notify: () => undefined,
      clock: systemClock,
      log: silentLog,
      externalLabels: test.external_labels,
      externalUrl: test.external_url,
      resendDelayMs: minute,
    }),
  )
  const failures: Failure[] = []
  const failing = new Set<string>()
  const { start_timestamp: startMs } = test
  const stepMs = settings.evaluationIntervalMs
  const times = [...test.alert_rule_test, ...test.promql_expr_test].map(({ eval_time: time }) => time)
  const lastMs = Math.max(0, ...times)
  const put = feeding(test, store, settings)

  for (let atMs = 0; atMs <= lastMs; atMs += stepMs) {
    settings.checkpoint()
    await nextTurn()
    await put(atMs)
    for (const runner of runners) await runner.evaluate(startMs + atMs, never)
    for (const problem of problemsOf(runners)) failing.add(problem)
    for (const { eval_time: time, alertname, exp_alerts: wanted } of test.alert_rule_test) {
      if (time < atMs || time >= atMs + stepMs) continue
      const expected = wanted.map(({ exp_labels: labels, exp_annotations: annotations }) =>
        alertText({ ...labels, alertname }, annotations),
      )
      compare(`${alertname} after ${time / 1000}s`, expected, firing(runners, alertname))
    }
  }
  for (const { expr, eval_time: time, exp_samples: wanted } of test.promql_expr_test) {
    settings.checkpoint()
    const where = `${expr} after ${time / 1000}s`
    try {
      const samples = await query(expr, startMs + time)
      const rounded = (value: number): string =>
        String(settings.fuzzy ? Number(value.toPrecision(10)) : value)
      const texts = (given: readonly VectorSample[]) =>
        given.map(({ labels, value }) => `${printSeries(labels)} ${rounded(value)}`)
      compare(where, texts(wanted), texts(samples))
    } catch (error) {
      failures.push({ where: labelled(where), expected: [], actual: [messageOf(error)] })
    }
  }
  for (const problem of failing) {
    failures.push({ where: labelled('evaluation'), expected: [], actual: [problem] })
  }
  return { checks: times.length, failures }

  function labelled(where: string): string {
    return test.name === '' ? where : `${test.name}: ${where}`
  }
  function compare(where: string, expected: readonly string[], actual: readonly string[]): void {
    const [sorted, found] = [[...expected].sort(), [...actual].sort()]
    if (JSON.stringify(sorted) === JSON.stringify(found)) return
    failures.push({ where: labelled(where), expected: sorted, actual: found })
  }
}

/** @returns what stores the samples up to a time, in their order, each once */
function feeding(
  test: UnitTest,
  store: MemoryStore,
  { evaluationIntervalMs, checkpoint }: TestSettings,
): (upToMs: number) => Promise<void> {
  const stepMs = test.interval ?? evaluationIntervalMs
  const length = Math.max(0, ...test.input_series.map(({ values }) => values.length))
  let next = 0
  return async (upToMs) => {
    for (; next < length && next * stepMs <= upToMs; next++) {
      if (next % 1_000 === 999) {
        checkpoint()
        await nextTurn()
      }
      for (const { series, values } of test.input_series) {
        const value = values[next]
        if (value === undefined) continue
        const one = Float64Array.of(value === 'stale' ? 0 : value)
        if (value === 'stale') setStale(one, 0)
        await store.append(test.start_timestamp + next * stepMs, [series], one)
      }
    }
  }
}

function firing(runners: readonly GroupRunner[], alertname: string): readonly string[] {
  return runners
    .flatMap(({ rules }) => rules.flatMap(({ rule }) => [...rule.alerts.values()]))
    .filter(({ state, labels }) => state === 'firing' && labelRecord(labels)['alertname'] === alertname)
    .map(({ labels, annotations }) => alertText(labelRecord(labels), annotations))
}

function alertText(
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>>,
): string {
  const said = Object.entries(annotations)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => ` ${name}=${JSON.stringify(text)}`)
  return `${printSeries(labelSet(labels))}${said.join('')}`
}

function problemsOf(runners: readonly GroupRunner[]): readonly string[] {
  return runners.flatMap(({ rules }) =>
    rules.flatMap(({ rule, lastError }) =>
      lastError === undefined ? [] : [`${rule.definition.name}: ${lastError}`],
    ),
  )
}
