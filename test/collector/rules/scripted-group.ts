import { silentLog } from '../../../common/log.ts'
import { labelKey, labelRecord, labelSet } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import { isStaleAt } from '../../../common/series/stale.ts'
import { createGroupRunner } from '../../../collector/rules/group-runner.ts'
import type { GroupRunner, GroupRunnerDependencies } from '../../../collector/rules/group-runner.ts'
import type {
  AlertNotification,
  AlertingRuleDefinition,
  RecordingRuleDefinition,
  RuleDefinition,
  VectorSample,
} from '../../../collector/rules/rule-types.ts'
import { createManualClock } from '../../manual-clock.ts'

function accepts({ operator, value }: Matcher, actual: string): boolean {
  switch (operator) {
    case '=':
      return actual === value
    case '!=':
      return actual !== value
    case '=~':
      return new RegExp(`^(?:${value})$`, 's').test(actual)
    case '!~':
      return !new RegExp(`^(?:${value})$`, 's').test(actual)
  }
}

/** A store in memory, as much of it as rules touch. */
export interface MemoryStore {
  readonly append: GroupRunnerDependencies['append']
  readonly select: GroupRunnerDependencies['select']
  /** What was written at a time: `name{label=value} value` or `... stale`, sorted. */
  writtenAt(timeMs: number): readonly string[]
}

export function createMemoryStore(): MemoryStore {
  const series = new Map<string, { labels: LabelSet; times: number[]; values: Float64Array }>()
  return {
    append: (timestampMs, labelSets, values) => {
      for (const [i, labels] of labelSets.entries()) {
        const known = series.get(labelKey(labels)) ?? { labels, times: [], values: new Float64Array(0) }
        const grown = new Float64Array(known.values.length + 1)
        grown.set(known.values)
        grown.set(values.subarray(i, i + 1), known.values.length)
        series.set(labelKey(labels), { labels, times: [...known.times, timestampMs], values: grown })
      }
      return Promise.resolve()
    },
    select: (matchers, fromMs, toMs) => {
      const found: SeriesSamples[] = []
      for (const { labels, times, values } of series.values()) {
        const record = labelRecord(labels)
        if (!matchers.every((matcher) => accepts(matcher, record[matcher.name] ?? ''))) continue
        const from = times.findIndex((time) => time >= fromMs)
        const to = times.findLastIndex((time) => time <= toMs)
        if (from === -1 || to < from) continue
        found.push({
          labels,
          timestamps: Float64Array.from(times.slice(from, to + 1)),
          values: values.slice(from, to + 1),
        })
      }
      return Promise.resolve(found)
    },
    writtenAt(timeMs) {
      const lines: string[] = []
      for (const { labels, times, values } of series.values()) {
        const at = times.indexOf(timeMs)
        if (at === -1) continue
        const { __name__: name = '', ...rest } = labelRecord(labels)
        const shown = Object.entries(rest).map(([label, value]) => `${label}=${value}`)
        lines.push(`${name}{${shown.join(',')}} ${isStaleAt(values, at) ? 'stale' : String(values[at])}`)
      }
      return lines.sort()
    },
  }
}

export interface ScriptedGroup {
  readonly runner: GroupRunner
  readonly store: MemoryStore
  /** All that was told, in order. */
  readonly told: AlertNotification[]
  /** What an expression gives from now on; an error makes it fail. */
  results: Map<string, readonly VectorSample[] | Error>
  /** Evaluates for a second on the clock. */
  at(second: number): Promise<void>
}

/** A group whose expressions give what the test says. */
export function createScriptedGroup(
  rules: readonly RuleDefinition[],
  parts: Partial<GroupRunnerDependencies> & {
    readonly store?: MemoryStore
    readonly limit?: number
    readonly queryOffsetMs?: number
  } = {},
): ScriptedGroup {
  const store = parts.store ?? createMemoryStore()
  const results = new Map<string, readonly VectorSample[] | Error>()
  const told: AlertNotification[] = []
  const runner = createGroupRunner(
    {
      name: 'group',
      file: 'rules.yaml',
      intervalMs: 10_000,
      queryOffsetMs: parts.queryOffsetMs ?? 0,
      limit: parts.limit ?? 0,
      rules,
    },
    {
      query: (expression) => {
        const result = results.get(expression) ?? []
        return result instanceof Error ? Promise.reject(result) : Promise.resolve(result)
      },
      append: store.append,
      select: store.select,
      notify: (notifications) => void told.push(...notifications),
      clock: createManualClock(),
      log: silentLog,
      externalLabels: {},
      externalUrl: '',
      resendDelayMs: 60_000,
      ...parts,
    },
  )
  return {
    runner,
    store,
    told,
    results,
    at: (second) => runner.evaluate(second * 1000, new AbortController().signal),
  }
}

export function alerting(parts: Partial<AlertingRuleDefinition> = {}): AlertingRuleDefinition {
  return {
    kind: 'alerting',
    name: 'Down',
    expression: 'down',
    forMs: 0,
    keepFiringForMs: 0,
    labels: {},
    annotations: {},
    ...parts,
  }
}

export function recording(parts: Partial<RecordingRuleDefinition> = {}): RecordingRuleDefinition {
  return { kind: 'recording', name: 'pg:up', expression: 'up', labels: {}, ...parts }
}

export function sample(labels: Record<string, string>, value: number): VectorSample {
  return { labels: labelSet(labels), value }
}
