import type { DescribeMetric, MetricDescription } from '../../common/series/exposition-text.ts'
import { metricName } from '../probes/definition.ts'
import type { ProbeDefinition } from '../probes/definition.ts'

/** Help and type of the metrics that probes give, for an exposition. Snapshot histograms are no counters and stay untyped. */
export function describeMetrics(probes: readonly ProbeDefinition[]): DescribeMetric {
  const known = new Map<string, MetricDescription>()
  for (const probe of probes) {
    for (const column of probe.columns) {
      const { usage, description } = column
      if (usage !== 'GAUGE' && usage !== 'COUNTER') continue
      const name = metricName(probe, column)
      if (!known.has(name)) {
        known.set(name, { help: description, type: usage === 'COUNTER' ? 'counter' : 'gauge' })
      }
    }
  }
  return (family) => known.get(family)
}
