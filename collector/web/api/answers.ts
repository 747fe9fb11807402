import { z } from 'zod'

/** What the page reads of the collector's Prometheus-shaped answers; other keys are ignored. */

const labels = z.record(z.string(), z.string())

export const alert = z.object({
  labels,
  annotations: labels,
  state: z.enum(['firing', 'pending', 'inactive']),
  activeAt: z.string(),
  value: z.string(),
})
export type Alert = z.infer<typeof alert>
export const alertsAnswer = z.object({
  status: z.literal('success'),
  data: z.object({ alerts: z.array(alert) }),
})

/** `version` is the Prometheus version whose API is spoken; the collector's own stands beside it. */
export const buildInfoAnswer = z.object({
  status: z.literal('success'),
  data: z.object({ pgherdVersion: z.string() }),
})

export const vectorAnswer = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: labels, value: z.tuple([z.number(), z.string()]) })),
  }),
})

/** One series of a range query: seconds since the epoch and values, NaN and infinities included. */
export interface RangeSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly times: readonly number[]
  readonly values: readonly number[]
}

const matrixAnswer = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ metric: labels, values: z.array(z.unknown()) })),
  }),
})

/** Checks a range answer. The points are checked by hand: a wide board has tens of thousands of them. */
export const rangeAnswer = matrixAnswer.transform((answer, context): readonly RangeSeries[] =>
  answer.data.result.map(({ metric, values }) => {
    const times: number[] = []
    const numbers: number[] = []
    for (const point of values) {
      if (!Array.isArray(point) || typeof point[0] !== 'number' || typeof point[1] !== 'string') {
        context.addIssue({ code: 'custom', message: 'a point is not [seconds, "value"]' })
        return z.NEVER
      }
      times.push(point[0])
      numbers.push(parseSample(point[1]))
    }
    return { labels: metric, times, values: numbers }
  }),
)

/** A sample's text as a number; Prometheus writes infinities as +Inf and -Inf. */
export function parseSample(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Infinity
  if (text === '-Inf') return -Infinity
  return Number(text)
}
