import { parse } from 'yaml'
import { z } from 'zod'
import { PgherdError, messageOf } from '../../common/errors.ts'
import { parsePrometheusDuration } from '../../common/series/prometheus-duration.ts'
import { countValues, readLabels, readNumber, readSeries, readValues } from './series-notation.ts'

const duration = z.union([z.string(), z.number()]).transform((given, context) => {
  const durationMs = parsePrometheusDuration(String(given))
  if (durationMs !== undefined) return durationMs
  context.addIssue(`was "${String(given)}"; allowed: a duration such as 30s, 5m or 1h30m`)
  return z.NEVER
})

/** Positive: evaluations and samples have such a distance. */
const interval = duration.refine((ms) => ms > 0, 'allowed: a duration above 0')

const moment = z.union([z.string(), z.number()]).transform((given, context) => {
  const ms =
    typeof given === 'number' || /^\d+(\.\d+)?$/.test(given) ? Number(given) * 1000 : Date.parse(given)
  if (Number.isFinite(ms)) return ms
  context.addIssue('allowed: seconds since 1970 or RFC 3339')
  return z.NEVER
})

/** What another function reads, its complaint in place of an exception. */
function readBy<T>(read: (text: string) => T) {
  return z.string().transform((text, context) => {
    try {
      return read(text)
    } catch (error) {
      context.addIssue(messageOf(error))
      return z.NEVER
    }
  })
}

const texts = z
  .record(z.string(), z.coerce.string())
  .nullish()
  .transform((given) => given ?? {})
const sampleValue = z.union([z.number(), z.string().transform(readNumber)])

/** A year of minutes, twice; a few lines of notation could fill the memory of a collector that tests what it is sent. */
const maxValues = 1_000_000

const notedValues = z.looseObject({
  tests: z.array(
    z.looseObject({ input_series: z.array(z.looseObject({ values: z.coerce.string() })).default([]) }),
  ),
})

const alertTest = z.strictObject({
  eval_time: duration,
  alertname: z.string(),
  exp_alerts: z
    .array(z.strictObject({ exp_labels: texts, exp_annotations: texts }))
    .nullish()
    .transform((given) => given ?? []),
})

const expressionTest = z.strictObject({
  expr: z.string(),
  eval_time: duration,
  exp_samples: z
    .array(z.strictObject({ labels: readBy(readLabels), value: sampleValue }))
    .nullish()
    .transform((given) => given ?? []),
})

const test = z.strictObject({
  name: z.string().default(''),
  interval: interval.optional(),
  start_timestamp: moment.default(0),
  input_series: z
    .array(z.strictObject({ series: readBy(readSeries), values: z.coerce.string().pipe(readBy(readValues)) }))
    .default([]),
  alert_rule_test: z.array(alertTest).default([]),
  promql_expr_test: z.array(expressionTest).default([]),
  external_labels: texts,
  external_url: z.string().default(''),
})

const unitTestFile = z.strictObject({
  rule_files: z.array(z.string()).default([]),
  evaluation_interval: interval.default(60_000),
  group_eval_order: z.array(z.string()).default([]),
  fuzzy_compare: z.boolean().default(false),
  tests: z.array(test).min(1),
})

export type UnitTestFile = z.infer<typeof unitTestFile>
export type UnitTest = UnitTestFile['tests'][number]

/**
 * A file of unit tests in promtool's format (Prometheus' documentation: unit testing for rules); durations and times are
 * milliseconds then.
 * @throws PgherdError BAD_DATA, a line for each problem
 */
export function parseUnitTestFile(text: string): UnitTestFile {
  let given: unknown
  try {
    given = parse(text)
  } catch (error) {
    throw new PgherdError('BAD_DATA', messageOf(error).split('\n')[0] ?? 'no YAML', { cause: error })
  }
  const noted = notedValues.safeParse(given).data?.tests.flatMap(({ input_series: series }) => series) ?? []
  if (noted.reduce((sum, { values }) => sum + countValues(values), 0) > maxValues) {
    throw new PgherdError('BAD_DATA', `tests: the series of a file have more than ${maxValues} values`)
  }
  const parsed = unitTestFile.safeParse(given)
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.map(({ path, message }) => `${pathText(path)}${message}`)
  throw new PgherdError('BAD_DATA', lines.join('\n'))
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  return text === '' ? '' : `${text.replace(/^\./, '')}: `
}
