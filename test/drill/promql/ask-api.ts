import { z } from 'zod'

const metric = z.record(z.string(), z.string())
const point = z.tuple([z.number(), z.string()])
const data = z.discriminatedUnion('resultType', [
  z.object({ resultType: z.literal('vector'), result: z.array(z.object({ metric, value: point })) }),
  z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ metric, values: z.array(point) })),
  }),
  z.object({ resultType: z.literal('scalar'), result: point }),
  z.object({ resultType: z.literal('string'), result: point }),
])
const answer = z.union([
  z.object({ status: z.literal('success'), data }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
])

export type Point = readonly [timeSeconds: number, value: string]

/** An answer of the query API; labels are JSON of pairs sorted by name, the series in the order they came in. */
export type ApiAnswer =
  | { readonly type: string; readonly series: ReadonlyMap<string, readonly Point[]> }
  | { readonly type: 'error'; readonly status: number; readonly errorType: string; readonly error: string }

/** What is asked of both servers; times and step as the API takes them. */
export interface ApiQuestion {
  readonly query: string
  readonly time?: string
  readonly start?: string
  readonly end?: string
  readonly step?: string
}

export async function askApi(url: string, question: ApiQuestion): Promise<ApiAnswer> {
  const path = question.step === undefined ? 'query' : 'query_range'
  const response = await fetch(`${url}/api/v1/${path}`, {
    method: 'POST',
    body: new URLSearchParams({ ...question }),
    signal: AbortSignal.timeout(30_000),
  })
  const body = answer.parse(await response.json())
  if (body.status === 'error') {
    return { type: 'error', status: response.status, errorType: body.errorType, error: body.error }
  }
  const { resultType, result } = body.data
  const series = new Map<string, readonly Point[]>()
  const add = (labels: Readonly<Record<string, string>>, points: readonly Point[]) => {
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
    if (series.has(key)) throw new Error(`${url} answered ${key} twice`)
    series.set(key, points)
  }
  switch (resultType) {
    case 'scalar':
    case 'string':
      add({}, [result])
      break
    case 'vector':
      for (const one of result) add(one.metric, [one.value])
      break
    case 'matrix':
      for (const one of result) add(one.metric, one.values)
  }
  return { type: resultType, series }
}
