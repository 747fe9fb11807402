import { metricNameLabel } from '../../../common/series/label-set.ts'
import { prometheusLabelName, prometheusMetricName } from './metric-name.ts'
import type { Attributes, OtlpMetric, OtlpResource, OtlpScope } from './model.ts'

export const otlpNamings = ['prometheus', 'victoriametrics'] as const
/** How metrics and labels are called: as Prometheus does by default, or as they are, as VictoriaMetrics does. */
export type OtlpNaming = (typeof otlpNamings)[number]

const identifying: ReadonlySet<string> = new Set(['service.namespace', 'service.name', 'service.instance.id'])

/** '' when nothing is left of the name. */
export function metricName(naming: OtlpNaming, metric: OtlpMetric): string {
  return naming === 'prometheus' ? prometheusMetricName(metric) : metric.name
}

/**
 * The labels of a point besides its name: name, value, name, value, ... For Prometheus those of its attributes, `job`
 * and `instance`; for VictoriaMetrics the attributes of its resource and scope too, as they are.
 */
export function pointLabels(
  naming: OtlpNaming,
  resource: OtlpResource,
  scope: OtlpScope,
  attributes: Attributes,
): readonly string[] {
  if (naming === 'prometheus') {
    return [...new Map([...sanitized(attributes), ...jobAndInstance(resource.attributes)])].flat()
  }
  const labels = new Map(resource.attributes)
  if (scope.name !== '') labels.set('scope.name', scope.name)
  if (scope.version !== '') labels.set('scope.version', scope.version)
  for (const [key, value] of scope.attributes) labels.set(`scope.attributes.${key}`, value)
  for (const [key, value] of attributes) labels.set(key, value)
  return [...labels].flat()
}

/**
 * The labels of target_info, which keeps what Prometheus does not put on each series; undefined when the resource
 * says nothing more, or not who it is.
 */
export function targetInfoLabels(resource: OtlpResource): readonly string[] | undefined {
  const others = resource.attributes.filter(([key]) => !identifying.has(key))
  const own = jobAndInstance(resource.attributes)
  if (others.length === 0 || own.size === 0) return undefined
  return [...new Map([...sanitized(others), ...own, [metricNameLabel, 'target_info'] as const])].flat()
}

/** Attributes whose keys become the same name share a label, their values joined in the order of the keys. */
function sanitized(attributes: Attributes): Map<string, string> {
  const labels = new Map<string, string>()
  for (const [key, value] of [...new Map(attributes)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const name = prometheusLabelName(key)
    if (name === metricNameLabel) continue
    const before = labels.get(name)
    labels.set(name, before === undefined ? value : `${before};${value}`)
  }
  return labels
}

function jobAndInstance(attributes: Attributes): Map<string, string> {
  const found = new Map(attributes)
  const name = found.get('service.name') ?? ''
  const namespace = found.get('service.namespace') ?? ''
  const instance = found.get('service.instance.id') ?? ''
  const labels = new Map<string, string>()
  if (name !== '') labels.set('job', namespace === '' ? name : `${namespace}/${name}`)
  if (instance !== '') labels.set('instance', instance)
  return labels
}
