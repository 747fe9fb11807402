import { z } from 'zod'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import { valueText } from './attribute-text.ts'
import type { AttributeValue } from './attribute-text.ts'
import { emptyPoint, otlpKinds } from './model.ts'
import type { Attributes, OtlpMetric, OtlpPoint, OtlpResource, OtlpScope } from './model.ts'

// Lists are of unknown things and looked at one by one, so that the first bad one ends it: zod would go on and
// remember each of millions.
const list = z.array(z.unknown()).nullish()
const text = z.string().nullish()
/** Numbers of 64 bits come as text, and what JSON has no number for too. */
const number = z.union([
  z.number(),
  z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number),
  z
    .string()
    .regex(/^-?\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?$/, 'it is no number')
    .transform(Number),
])
const nanoseconds = z.union([
  z
    .number()
    .nonnegative()
    .transform((value) => Math.floor(value / 1e6)),
  z
    .string()
    .regex(/^\d{1,20}$/, 'it is no time in nanoseconds')
    .transform((value) => Number(BigInt(value) / 1_000_000n)),
])
const temporality = z.union([
  z.number(),
  z.enum([
    'AGGREGATION_TEMPORALITY_UNSPECIFIED',
    'AGGREGATION_TEMPORALITY_DELTA',
    'AGGREGATION_TEMPORALITY_CUMULATIVE',
  ]),
])
const temporalities = ['UNSPECIFIED', 'DELTA', 'CUMULATIVE']

const request = z.object({ resourceMetrics: list })
const resourceMetrics = z.object({ resource: z.object({ attributes: list }).nullish(), scopeMetrics: list })
const scopeMetrics = z.object({
  scope: z.object({ name: text, version: text, attributes: list }).nullish(),
  metrics: list,
})
const data = z.object({
  dataPoints: list,
  aggregationTemporality: temporality.nullish(),
  isMonotonic: z.boolean().nullish(),
})
const metric = z.object({
  name: text,
  description: text,
  unit: text,
  gauge: data.nullish(),
  sum: data.nullish(),
  histogram: data.nullish(),
  exponentialHistogram: data.nullish(),
  summary: data.nullish(),
})
const point = z.object({
  attributes: list,
  timeUnixNano: nanoseconds.nullish(),
  flags: z.number().int().nonnegative().nullish(),
  asDouble: number.nullish(),
  asInt: number.nullish(),
  count: number.nullish(),
  sum: number.nullish(),
  bucketCounts: list,
  explicitBounds: list,
  quantileValues: list,
})
const quantile = z.object({ quantile: number.nullish(), value: number.nullish() })
const keyValue = z.object({ key: text, value: z.unknown() })
const anyValue = z.object({
  stringValue: text,
  boolValue: z.boolean().nullish(),
  intValue: z.union([z.number().int(), z.string().regex(/^-?\d{1,20}$/)]).nullish(),
  doubleValue: number.nullish(),
  arrayValue: z.object({ values: list }).nullish(),
  kvlistValue: z.object({ values: list }).nullish(),
  bytesValue: text,
})

const mostLevels = 32

/**
 * Reads an ExportMetricsServiceRequest in OTLP's JSON encoding.
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 * @throws PgherdError BAD_DATA
 */
export function readOtlpJson(body: Uint8Array): readonly OtlpResource[] {
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString())
  } catch (error) {
    throw new PgherdError('BAD_DATA', `the body is not JSON: ${messageOf(error)}`, { cause: error })
  }
  return each(check(request, json).resourceMetrics, readResource)
}

function readResource(json: unknown): OtlpResource {
  const { resource, scopeMetrics: scopes } = check(resourceMetrics, json)
  return { attributes: readAttributes(resource?.attributes), scopes: each(scopes, readScope) }
}

function readScope(json: unknown): OtlpScope {
  const { scope, metrics } = check(scopeMetrics, json)
  return {
    name: scope?.name ?? '',
    version: scope?.version ?? '',
    attributes: readAttributes(scope?.attributes),
    metrics: each(metrics, readMetric),
  }
}

function readMetric(json: unknown): OtlpMetric {
  const found = check(metric, json)
  const kind = otlpKinds.find((one) => found[one] !== undefined && found[one] !== null)
  const own = kind === undefined ? undefined : found[kind]
  const said = own?.aggregationTemporality ?? 0
  return {
    name: found.name ?? '',
    description: found.description ?? '',
    unit: found.unit ?? '',
    kind,
    temporality: typeof said === 'number' ? said : temporalities.findIndex((ending) => said.endsWith(ending)),
    isMonotonic: own?.isMonotonic ?? false,
    points: each(own?.dataPoints, readPoint),
  }
}

function readPoint(json: unknown): OtlpPoint {
  const found = check(point, json)
  return {
    ...emptyPoint,
    attributes: readAttributes(found.attributes),
    timestampMs: found.timeUnixNano ?? 0,
    flags: found.flags ?? 0,
    value: found.asDouble ?? found.asInt ?? 0,
    count: found.count ?? 0,
    sum: found.sum ?? undefined,
    bucketCounts: each(found.bucketCounts, (one) => check(number, one)),
    bounds: each(found.explicitBounds, (one) => check(number, one)),
    quantiles: each(found.quantileValues, (one) => {
      const { quantile: rank, value } = check(quantile, one)
      return { quantile: rank ?? 0, value: value ?? 0 }
    }),
  }
}

function readAttributes(json: readonly unknown[] | null | undefined): Attributes {
  return each(json, (one) => {
    const { key, value } = check(keyValue, one)
    return [key ?? '', valueText(readValue(value, 0))] as const
  })
}

function readValue(json: unknown, level: number): AttributeValue {
  if (json === undefined || json === null) return null
  if (level > mostLevels)
    throw new PgherdError('BAD_DATA', 'the values of an attribute are nested too deeply')
  const found = check(anyValue, json)
  if (typeof found.intValue === 'string' || typeof found.intValue === 'number') return BigInt(found.intValue)
  if (found.arrayValue) return each(found.arrayValue.values, (one) => readValue(one, level + 1))
  if (found.kvlistValue) {
    return new Map(
      each(found.kvlistValue.values, (one) => {
        const { key, value } = check(keyValue, one)
        return [key ?? '', readValue(value, level + 1)] as const
      }),
    )
  }
  return found.stringValue ?? found.boolValue ?? found.doubleValue ?? found.bytesValue ?? null
}

function each<T>(json: readonly unknown[] | null | undefined, read: (one: unknown) => T): T[] {
  return (json ?? []).map(read)
}

function check<T extends z.ZodType>(schema: T, json: unknown): z.output<T> {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = issue?.path.join('.') ?? ''
  throw new PgherdError(
    'BAD_DATA',
    `the body is no OTLP metrics request: ${path === '' ? '' : `${path}: `}${issue?.message ?? ''}`.slice(
      0,
      300,
    ),
  )
}
