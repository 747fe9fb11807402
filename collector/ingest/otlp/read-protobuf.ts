import { wireBytes, wireFixed64, wireVarint } from '../../../common/wire/protobuf-read.ts'
import { createFieldReader } from './protobuf-fields.ts'
import type { FieldReader } from './protobuf-fields.ts'
import { readAttribute } from './protobuf-attributes.ts'
import { emptyPoint } from './model.ts'
import type { OtlpKind, OtlpMetric, OtlpPoint, OtlpResource, OtlpScope } from './model.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** In field numbers of Metric. */
const kinds: Readonly<Record<number, OtlpKind>> = {
  5: 'gauge',
  7: 'sum',
  9: 'histogram',
  10: 'exponentialHistogram',
  11: 'summary',
}

/**
 * Reads an ExportMetricsServiceRequest (opentelemetry-proto 1.x: collector/metrics/v1, metrics/v1, common/v1).
 * @throws PgherdError BAD_DATA when it is damaged, REQUEST_TOO_LARGE
 */
export function readOtlpProtobuf(body: Uint8Array): readonly OtlpResource[] {
  const reader = createFieldReader(body)
  const resources: OtlpResource[] = []
  reader.message(body.length, (field, wireType) => {
    if (field !== 1 || wireType !== wireBytes) return false
    resources.push(readResource(reader))
    return true
  })
  return resources
}

function readResource(reader: FieldReader): OtlpResource {
  const attributes: (readonly [string, string])[] = []
  const scopes: OtlpScope[] = []
  reader.message(reader.length(), (field, wireType) => {
    if (wireType !== wireBytes) return false
    if (field === 1) {
      reader.message(reader.length(), (own, type) => {
        if (own !== 1 || type !== wireBytes) return false
        attributes.push(readAttribute(reader))
        return true
      })
    } else if (field === 2) scopes.push(readScope(reader))
    else return false
    return true
  })
  return { attributes, scopes }
}

function readScope(reader: FieldReader): OtlpScope {
  const attributes: (readonly [string, string])[] = []
  const scope = { name: '', version: '', attributes, metrics: new Array<OtlpMetric>() }
  reader.message(reader.length(), (field, wireType) => {
    if (wireType !== wireBytes) return false
    if (field === 1) {
      reader.message(reader.length(), (own, type) => {
        if (type !== wireBytes) return false
        if (own === 1) scope.name = reader.text()
        else if (own === 2) scope.version = reader.text()
        else if (own === 3) attributes.push(readAttribute(reader))
        else return false
        return true
      })
    } else if (field === 2) scope.metrics.push(readMetric(reader))
    else return false
    return true
  })
  return scope
}

function readMetric(reader: FieldReader): OtlpMetric {
  const points: OtlpPoint[] = []
  const metric: Writable<OtlpMetric> = {
    name: '',
    description: '',
    unit: '',
    kind: undefined,
    temporality: 0,
    isMonotonic: false,
    points,
  }
  reader.message(reader.length(), (field, wireType) => {
    if (wireType !== wireBytes) return false
    const kind = kinds[field]
    if (kind !== undefined) {
      metric.kind = kind
      reader.message(reader.length(), (own, type) => {
        if (own === 1 && type === wireBytes) points.push(readPoint(reader, kind))
        else if (own === 2 && type === wireVarint) metric.temporality = reader.uint()
        else if (own === 3 && type === wireVarint) metric.isMonotonic = reader.uint() !== 0
        else return false
        return true
      })
    } else if (field === 1) metric.name = reader.text()
    else if (field === 2) metric.description = reader.text()
    else if (field === 3) metric.unit = reader.text()
    else return false
    return true
  })
  return metric
}

function readPoint(reader: FieldReader, kind: OtlpKind): OtlpPoint {
  const attributes: (readonly [string, string])[] = []
  const bucketCounts: number[] = []
  const bounds: number[] = []
  const quantiles: { quantile: number; value: number }[] = []
  const point: Writable<OtlpPoint> = { ...emptyPoint, attributes, bucketCounts, bounds, quantiles }
  const isNumber = kind === 'gauge' || kind === 'sum'
  const isHistogram = kind === 'histogram'
  const isSummary = kind === 'summary'
  const attributesField = isNumber || isSummary ? 7 : isHistogram ? 9 : 1
  const flagsField = isNumber || isSummary ? 8 : 10
  reader.message(reader.length(), (field, wireType) => {
    if (field === attributesField && wireType === wireBytes) attributes.push(readAttribute(reader))
    else if (field === flagsField && wireType === wireVarint) point.flags = reader.uint()
    else if (field === 3 && wireType === wireFixed64) point.timestampMs = Number(reader.fixed() / 1_000_000n)
    else if (isNumber && field === 4 && wireType === wireFixed64) point.value = reader.double()
    else if (isNumber && field === 6 && wireType === wireFixed64) {
      point.value = Number(BigInt.asIntN(64, reader.fixed()))
    } else if (!isNumber && field === 4 && wireType === wireFixed64) point.count = Number(reader.fixed())
    else if (!isNumber && field === 5 && wireType === wireFixed64) point.sum = reader.double()
    else if (isHistogram && field === 6) {
      reader.repeated(wireType, () => bucketCounts.push(Number(reader.fixed())))
    } else if (isHistogram && field === 7) reader.repeated(wireType, () => bounds.push(reader.double()))
    else if (isSummary && field === 6 && wireType === wireBytes) quantiles.push(readQuantile(reader))
    else return false
    return true
  })
  return point
}

function readQuantile(reader: FieldReader): { quantile: number; value: number } {
  const found = { quantile: 0, value: 0 }
  reader.message(reader.length(), (field, wireType) => {
    if (wireType !== wireFixed64) return false
    if (field === 1) found.quantile = reader.double()
    else if (field === 2) found.value = reader.double()
    else return false
    return true
  })
  return found
}
