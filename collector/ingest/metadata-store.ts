import type { MetricMetadata } from '../../common/series/metric-type.ts'

/** What senders said about metrics; in memory, because they say it again and again. */
export interface MetadataStore {
  add(metric: string, metadata: MetricMetadata): void
  /** Of one metric or of all; several where senders disagree, the latest last. */
  list(metric?: string): ReadonlyMap<string, readonly MetricMetadata[]>
}

const mostPerMetric = 8
const mostNameCharacters = 1024
const mostHelpCharacters = 2048
const mostUnitCharacters = 64

/** @param limits beyond either of them the metric that was heard of first is forgotten */
export function createMetadataStore(
  limits: { readonly maxMetrics?: number; readonly maxCharacters?: number } = {},
): MetadataStore {
  const { maxMetrics = 50_000, maxCharacters = 8 * 1024 * 1024 } = limits
  const metrics = new Map<string, readonly MetricMetadata[]>()
  let characters = 0
  const forgetFirst = (): void => {
    for (const [metric, known] of metrics) {
      metrics.delete(metric)
      characters -= sizeOf(metric, known)
      return
    }
  }
  return {
    add(metric, { type, help, unit }) {
      if (metric === '' || metric.length > mostNameCharacters) return
      const known = metrics.get(metric) ?? []
      const own = { type, help: help.slice(0, mostHelpCharacters), unit: unit.slice(0, mostUnitCharacters) }
      if (known.some((one) => one.type === own.type && one.help === own.help && one.unit === own.unit)) return
      const now = [...known, { type, help: copyOf(own.help), unit: copyOf(own.unit) }].slice(-mostPerMetric)
      characters += sizeOf(metric, now) - (known.length === 0 ? 0 : sizeOf(metric, known))
      metrics.set(known.length === 0 ? copyOf(metric) : metric, now)
      while (metrics.size > maxMetrics || characters > maxCharacters) forgetFirst()
    },
    list(metric) {
      if (metric === undefined) return metrics
      const known = metrics.get(metric)
      return new Map(known === undefined ? [] : [[metric, known]])
    },
  }
}

function sizeOf(metric: string, known: readonly MetricMetadata[]): number {
  return known.reduce((sum, { help, unit }) => sum + help.length + unit.length, metric.length)
}

/** A part of a string keeps the whole of it in memory; this does not. */
function copyOf(text: string): string {
  return Buffer.from(text).toString()
}
