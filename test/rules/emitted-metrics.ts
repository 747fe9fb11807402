import { insightFamilies } from '../../agent/insight/metrics.ts'
import { loadProbes } from '../../agent/probes/load.ts'
import { metricName } from '../../agent/probes/definition.ts'
import { parseExpression } from '../../collector/promql/parse-expression.ts'
import { metricNameLabel } from '../../common/series/label-set.ts'
import type { Matcher } from '../../common/series/matcher.ts'
import { queryCollector } from '../../testbed/collector-api.ts'

/** Names of metrics, each with the names of the labels that its series have. */
export type EmittedMetrics = ReadonlyMap<string, ReadonlySet<string>>

/** What an expression asks for: a metric, and the labels that it looks at. */
export interface Asked {
  readonly metric: string
  readonly labels: readonly string[]
}

/**
 * Every selector of an expression, in the order of the text. One that names no metric, such as `{ins="a"}`, asks for none.
 * @throws PgherdError QUERY_INVALID
 */
export function askedBy(expression: string): readonly Asked[] {
  const found: Asked[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if (isSelector(node)) {
      for (const matchers of [node.matchers, ...node.orMatchers]) {
        const metric = matchers.find(({ name, operator }) => name === metricNameLabel && operator === '=')
        const labels = matchers.flatMap(({ name }) => (name === metricNameLabel ? [] : [name]))
        if (metric !== undefined) found.push({ metric: metric.value, labels })
      }
    }
    for (const child of Object.values(node)) visit(child)
  }
  visit(parseExpression(expression))
  return found
}

function isSelector(
  node: object,
): node is { readonly matchers: readonly Matcher[]; readonly orMatchers: readonly (readonly Matcher[])[] } {
  return 'kind' in node && node.kind === 'selector' && 'matchers' in node
}

/** What is in the store of a collector now, from whoever has written it. */
export async function storedMetrics(collectorUrl: string): Promise<EmittedMetrics> {
  const metrics = new Map<string, Set<string>>()
  for (const { metric } of await queryCollector(collectorUrl, '{__name__!=""}')) {
    const { [metricNameLabel]: name = '', ...labels } = metric
    const names = metrics.get(name) ?? new Set<string>()
    for (const label of Object.keys(labels)) names.add(label)
    metrics.set(name, names)
  }
  return metrics
}

const identity = ['job', 'cls', 'ins', 'ip', 'instance']

/** What the agent finds out of servers beside its probes. */
function insightMetrics(): EmittedMetrics {
  return new Map(
    insightFamilies
      .flatMap(({ metrics }) => metrics)
      .flatMap(({ name, kind, labels }) => {
        const own = [...identity, ...labels]
        if (kind !== 'histogram') return [[name, new Set(own)] as const]
        return [
          [`${name}_bucket`, new Set([...own, 'le'])] as const,
          [`${name}_sum`, new Set(own)] as const,
          [`${name}_count`, new Set(own)] as const,
        ]
      }),
  )
}

/** What the probes of servers and poolers, and insight, can give, with any version, extension and right. */
export async function catalogueMetrics(): Promise<EmittedMetrics> {
  const metrics = new Map<string, Set<string>>()
  for (const probe of await loadProbes()) {
    const labels = probe.columns.flatMap(({ usage, name }) => (usage === 'LABEL' ? [name] : []))
    for (const column of probe.columns) {
      if (column.usage === 'LABEL' || column.usage === 'DISCARD') continue
      const name = metricName(probe, column)
      const parts = column.usage === 'HISTOGRAM' ? ['_bucket', '_sum', '_count'] : ['']
      for (const part of parts) {
        const known =
          metrics.get(`${name}${part}`) ??
          new Set<string>([...identity, ...(part === '_bucket' ? ['le'] : [])])
        for (const label of labels) known.add(label)
        metrics.set(`${name}${part}`, known)
      }
    }
  }
  return together(metrics, insightMetrics())
}

/** A sentence for each metric that nobody emits, and for each label that its series do not have. */
export function unknownIn(expression: string, emitted: EmittedMetrics): readonly string[] {
  return askedBy(expression).flatMap(({ metric, labels }) => {
    const has = emitted.get(metric)
    if (has === undefined) return [`nobody emits ${metric}`]
    return labels.filter((label) => !has.has(label)).map((label) => `${metric} has no label ${label}`)
  })
}

/** Several sources as one. */
export function together(...sources: readonly EmittedMetrics[]): EmittedMetrics {
  const metrics = new Map<string, Set<string>>()
  for (const [name, labels] of sources.flatMap((source) => [...source])) {
    metrics.set(name, new Set([...(metrics.get(name) ?? []), ...labels]))
  }
  return metrics
}
