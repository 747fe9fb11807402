import type { MetricMetadata, MetricType } from '../../../common/series/metric-type.ts'
import type { Intake } from '../intake.ts'
import { cumulative } from './model.ts'
import type { OtlpMetric, OtlpResource } from './model.ts'
import { metricName, pointLabels, targetInfoLabels } from './naming.ts'
import type { OtlpNaming } from './naming.ts'
import { addPoint } from './point-samples.ts'

/** Points that are not in the store, and why; the rest of the request is. */
export interface OtlpRefusals {
  points: number
  readonly reasons: Map<string, number>
}

export interface OtlpImportOptions {
  readonly naming: OtlpNaming
  readonly onMetadata: (metric: string, metadata: MetricMetadata) => void
}

const pointsPerFlush = 4096
const mostReasons = 20
/** target_info stays visible between the points of a resource: half of the look-back of a query. */
const targetInfoStepMs = 150_000
const mostTargetInfos = 100

/**
 * Hands the points of an OTLP request to the intake under Prometheus' names and labels.
 * @see https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus
 * @throws what append throws
 */
export async function importOtlp(
  resources: readonly OtlpResource[],
  intake: Intake,
  { naming, onMetadata }: OtlpImportOptions,
): Promise<OtlpRefusals> {
  const refusals: OtlpRefusals = { points: 0, reasons: new Map() }
  const refuse = (reason: string, points: number): void => {
    refusals.points += points
    if (refusals.reasons.size < mostReasons || refusals.reasons.has(reason)) {
      refusals.reasons.set(reason, (refusals.reasons.get(reason) ?? 0) + points)
    }
  }
  let sinceFlush = 0
  for (const resource of resources) {
    let earliest = Infinity
    let latest = -Infinity
    for (const scope of resource.scopes) {
      for (const metric of scope.metrics) {
        const name = metricName(naming, metric)
        const problem = problemOf(metric, name)
        if (problem !== undefined) {
          refuse(problem, metric.points.length)
          continue
        }
        onMetadata(name, { type: typeOf(metric), help: metric.description, unit: metric.unit })
        for (const point of metric.points) {
          earliest = Math.min(earliest, point.timestampMs)
          latest = Math.max(latest, point.timestampMs)
          const labels = pointLabels(naming, resource, scope, point.attributes)
          if (addPoint(metric, name, labels, point, intake))
            refuse('labels that are not allowed, or no room', 1)
          if (++sinceFlush % pointsPerFlush === 0) await intake.flush()
        }
      }
    }
    if (naming === 'prometheus' && latest >= earliest) addTargetInfo(resource, earliest, latest, intake)
    await intake.flush()
  }
  await intake.finish()
  const { outOfBounds } = intake.result()
  if (outOfBounds > 0) refuse('older than the retention or too far in the future', outOfBounds)
  return refusals
}

function problemOf({ kind, temporality, points }: OtlpMetric, name: string): string | undefined {
  if (points.length === 0) return undefined
  if (kind === undefined) return 'a metric without a kind that is known'
  if (kind === 'exponentialHistogram') return 'exponential histograms are not supported'
  if ((kind === 'sum' || kind === 'histogram') && temporality !== cumulative) {
    return `${kind}s whose temporality is not cumulative are not supported`
  }
  return name === '' ? 'a metric whose name has neither letters nor digits' : undefined
}

function typeOf({ kind, isMonotonic }: OtlpMetric): MetricType {
  if (kind === 'sum') return isMonotonic ? 'counter' : 'gauge'
  return kind === 'gauge' || kind === 'histogram' || kind === 'summary' ? kind : 'unknown'
}

function addTargetInfo(resource: OtlpResource, earliest: number, latest: number, intake: Intake): void {
  const labels = targetInfoLabels(resource)
  if (labels === undefined) return
  const ref = intake.series(undefined, labels)
  const first = Math.max(earliest, latest - mostTargetInfos * targetInfoStepMs)
  for (let at = first; at < latest; at += targetInfoStepMs) intake.sample(ref, at, 1)
  intake.sample(ref, latest, 1)
}
