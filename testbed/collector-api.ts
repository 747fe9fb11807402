import { z } from 'zod'

const labels = z.record(z.string(), z.string())
const point = z.tuple([z.number(), z.string()]).transform(([seconds, value]) => ({
  timestampMs: Math.round(seconds * 1000),
  value: parseValue(value),
}))

const answer = z.object({
  status: z.literal('success'),
  data: z.discriminatedUnion('resultType', [
    z.object({
      resultType: z.literal('vector'),
      result: z.array(z.object({ metric: labels, value: point })),
    }),
    z.object({
      resultType: z.literal('matrix'),
      result: z.array(z.object({ metric: labels, values: z.array(point) })),
    }),
  ]),
})

/** Prometheus writes the infinities as +Inf and -Inf. */
function parseValue(text: string): number {
  return Number(text.replace(/Inf$/, 'Infinity'))
}

export interface Point {
  readonly timestampMs: number
  readonly value: number
}

export interface QueriedSeries {
  readonly metric: Readonly<Record<string, string>>
  /** One point for an instant vector, the raw samples for a range selector. */
  readonly points: readonly Point[]
}

const timeoutMs = 10_000

/**
 * Evaluates an expression once through the HTTP API of a collector (or of Prometheus), now or at `atMs`.
 * @throws Error with the text of any answer that is not a success
 */
export async function queryCollector(
  url: string,
  expression: string,
  atMs?: number,
): Promise<readonly QueriedSeries[]> {
  const parameters = new URLSearchParams({ query: expression })
  if (atMs !== undefined) parameters.set('time', String(atMs / 1000))
  const response = await fetch(`${url}/api/v1/query?${parameters.toString()}`, {
    signal: AbortSignal.timeout(timeoutMs),
  })
  const body = await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${body.slice(0, 500)}`)
  const { data } = answer.parse(JSON.parse(body))
  return data.resultType === 'vector'
    ? data.result.map(({ metric, value }) => ({ metric, points: [value] }))
    : data.result.map(({ metric, values }) => ({ metric, points: values }))
}

/** The samples of a text exposition, such as /metrics, by name with labels as they are written. */
export async function readMetrics(url: string): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  const samples = new Map<string, number>()
  for (const line of (await response.text()).split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*(?:\{.*\})?) (\S+)/.exec(line)
    if (match !== null) samples.set(match[1]!, parseValue(match[2]!))
  }
  return samples
}
