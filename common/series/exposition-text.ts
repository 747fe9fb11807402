import { exportedNames } from './exported-names.ts'
import { metricNameLabel } from './label-set.ts'
import type { SampleTable } from './sample-table.ts'

/** What one source measured, and the labels of all its series. */
export interface MeasuredPart {
  readonly labels: Readonly<Record<string, string>>
  readonly tables: readonly SampleTable[]
}

/** What is known of a metric family besides its samples. */
export interface MetricDescription {
  readonly help?: string | undefined
  readonly type?: 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped' | undefined
}

/** By the name of the family: a histogram's name is without `_bucket`, `_sum` and `_count`. */
export type DescribeMetric = (family: string) => MetricDescription | undefined

interface Family {
  /** Rendered samples by series, in the order in which they came. */
  readonly samples: Map<string, string>
  readonly description: MetricDescription | undefined
}

/**
 * Measurements as Prometheus' text exposition 0.0.4, without timestamps: one block per metric family, families
 * sorted by name. Several sources come in one call, because a family that two of them have (`up`) may stand in
 * one place only. As in a scrape, a sample's label that its source has too becomes `exported_<name>`
 * (`exportedNames`), an empty label is absent, and of two samples of one series the first stays.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function formatExposition(
  parts: readonly MeasuredPart[],
  describe: DescribeMetric = () => undefined,
): string {
  const families = new Map<string, Family>()
  for (const { labels, tables } of parts) {
    for (const table of tables) addTable(families, table, labels, describe)
  }
  let out = ''
  for (const [name, { samples, description }] of [...families].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (description?.help !== undefined) out += `# HELP ${name} ${escapeHelp(description.help)}\n`
    if (description?.type !== undefined) out += `# TYPE ${name} ${description.type}\n`
    for (const [series, value] of samples) out += `${series} ${value}\n`
  }
  return out
}

function addTable(
  families: Map<string, Family>,
  table: SampleTable,
  labels: Readonly<Record<string, string>>,
  describe: DescribeMetric,
): void {
  const targets = table.metrics.map((metric) => {
    const name = familyOf(metric, describe)
    let family = families.get(name)
    if (family === undefined)
      families.set(name, (family = { samples: new Map(), description: describe(name) }))
    return family.samples
  })
  const names = exportedNames(table.labelNames, labels)
  for (const row of table.rows) {
    const labelText = renderLabels(names, row.labels, labels)
    for (const [i, value] of row.values.entries()) {
      if (value === undefined) continue
      const series = table.metrics[i]! + labelText
      if (!targets[i]!.has(series)) targets[i]!.set(series, formatValue(value))
    }
  }
}

/** The parts of a histogram or summary belong to one family; any other metric is its own. */
function familyOf(metric: string, describe: DescribeMetric): string {
  const match = /^(.+)_(bucket|sum|count)$/.exec(metric)
  if (match === null) return metric
  const type = describe(match[1]!)?.type
  const isPart = type === 'histogram' || (type === 'summary' && match[2] !== 'bucket')
  return isPart ? match[1]! : metric
}

function renderLabels(
  names: readonly string[],
  values: readonly string[],
  common: Readonly<Record<string, string>>,
): string {
  const all = new Map(Object.entries(common))
  for (const [i, name] of names.entries()) all.set(name, values[i] ?? '')
  // The name of the metric is not to be had by a label.
  all.delete(metricNameLabel)
  const rendered = [...all]
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${escapeLabelValue(value)}"`)
  return rendered.length === 0 ? '' : `{${rendered.join(',')}}`
}

function formatValue(value: number): string {
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  return Object.is(value, -0) ? '-0' : String(value)
}

function escapeHelp(text: string): string {
  return text.toWellFormed().replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

/** As it stands between the quotes of a label. */
export function escapeLabelValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}
