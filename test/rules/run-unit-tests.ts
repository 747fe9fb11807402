import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { silentLog } from '../../common/log.ts'
import { labelRecord } from '../../common/series/label-set.ts'
import { setStale } from '../../common/series/stale.ts'
import { createEngine } from '../../collector/promql/engine.ts'
import { parseExpression } from '../../collector/promql/parse-expression.ts'
import type { Queryable } from '../../collector/promql/queryable.ts'
import { createGroupRunner } from '../../collector/rules/group-runner.ts'
import { loadRuleFiles } from '../../collector/rules/load/load-rule-files.ts'
import { createManualClock } from '../manual-clock.ts'
import { createMemoryStore } from '../collector/rules/scripted-group.ts'
import { readDuration, readSeries, readValues } from './series-notation.ts'

const texts = z.record(z.string(), z.string())
const unitTests = z.strictObject({
  rule_files: z.array(z.string()),
  evaluation_interval: z.string(),
  tests: z.array(
    z.strictObject({
      name: z.string(),
      interval: z.string(),
      input_series: z.array(z.strictObject({ series: z.string(), values: z.string() })),
      alert_rule_test: z.array(
        z.strictObject({
          eval_time: z.string(),
          alertname: z.string(),
          exp_alerts: z.array(z.strictObject({ exp_labels: texts, exp_annotations: texts })),
        }),
      ),
      promql_expr_test: z
        .array(
          z.strictObject({
            expr: z.string(),
            eval_time: z.string(),
            exp_samples: z.array(z.strictObject({ labels: z.string(), value: z.number() })),
          }),
        )
        .default([]),
    }),
  ),
})

/** One `alert_rule_test` or `promql_expr_test`: what should fire or be answered, and what is. */
export interface Outcome {
  readonly test: string
  readonly expected: unknown
  readonly actual: unknown
}

/** Runs a file of promtool's unit tests with our own loader, engine and evaluator, as promtool runs it. */
export async function runUnitTests(file: string): Promise<readonly Outcome[]> {
  const { rule_files, evaluation_interval, tests } = unitTests.parse(parse(readFileSync(file, 'utf8')))
  const intervalMs = readDuration(evaluation_interval)
  const groups = await loadRuleFiles(
    rule_files.map((name) => join(dirname(file), name)),
    { defaultIntervalMs: intervalMs, checkExpression: (text) => void parseExpression(text) },
  )
  const outcomes: Outcome[] = []
  for (const wanted of tests) {
    const store = createMemoryStore()
    const engine = createEngine()
    const queryable: Queryable = {
      select: async (matchers, fromMs, toMs) => [...(await store.select(matchers, fromMs, toMs))],
    }
    const runners = groups.map((group) =>
      createGroupRunner(group, {
        query: async (expression, timeMs) => {
          const result = await engine.instant(queryable, expression, timeMs)
          return result.type === 'vector' ? result.samples : []
        },
        append: store.append,
        select: store.select,
        notify: () => undefined,
        clock: createManualClock(),
        log: silentLog,
        externalLabels: {},
        externalUrl: '',
        resendDelayMs: 60_000,
      }),
    )
    const input = wanted.input_series.map(({ series, values }) => ({
      labels: readSeries(series),
      values: readValues(values),
    }))
    const stepMs = readDuration(wanted.interval)
    const lastMs = Math.max(...wanted.alert_rule_test.map(({ eval_time }) => readDuration(eval_time)))
    for (let atMs = 0; atMs <= lastMs; atMs += intervalMs) {
      for (const { labels, values } of atMs % stepMs === 0 ? input : []) {
        const value = values[atMs / stepMs]
        if (value === undefined) continue
        const one = Float64Array.of(value === 'stale' ? 0 : value)
        if (value === 'stale') setStale(one, 0)
        await store.append(atMs, [labels], one)
      }
      for (const runner of runners) await runner.evaluate(atMs, new AbortController().signal)
      for (const { eval_time, alertname, exp_alerts } of wanted.alert_rule_test) {
        if (readDuration(eval_time) !== atMs) continue
        outcomes.push({
          test: `${wanted.name}, after ${eval_time}`,
          expected: exp_alerts.map(({ exp_labels, exp_annotations }) => ({
            labels: { ...exp_labels, alertname },
            annotations: exp_annotations,
          })),
          actual: runners
            .flatMap(({ rules }) => rules.flatMap(({ rule }) => [...rule.alerts.values()]))
            .filter(({ state }) => state === 'firing')
            .map(({ labels, annotations }) => ({ labels: labelRecord(labels), annotations }))
            .filter(({ labels }) => labels['alertname'] === alertname),
        })
      }
      for (const { expr, eval_time, exp_samples } of wanted.promql_expr_test) {
        if (readDuration(eval_time) !== atMs) continue
        const result = await engine.instant(queryable, expr, atMs)
        const samples = result.type === 'vector' ? result.samples : []
        outcomes.push({
          test: `${wanted.name}: ${expr} after ${eval_time}`,
          expected: exp_samples.map(({ labels, value }) => ({
            labels: labelRecord(readSeries(labels)),
            value,
          })),
          actual: samples.map(({ labels, value }) => ({ labels: labelRecord(labels), value })),
        })
      }
    }
  }
  return outcomes
}
