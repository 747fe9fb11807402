import { z } from 'zod'

const point = z.tuple([z.number(), z.string()])
const schema = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: point.optional(),
        values: z.array(point).optional(),
      }),
    ),
  }),
})

/** Values by series and time. */
export type ReadAnswer = ReadonlyMap<string, ReadonlyMap<number, number>>

export interface Difference {
  readonly points: number
  /** Points that only one of the two has. */
  readonly onlyOne: number
  /** The largest difference of two values, relative to the larger one. */
  readonly relative: number
}

export function readAnswer(body: Buffer): ReadAnswer {
  const { data } = schema.parse(JSON.parse(body.toString('utf8')))
  return new Map(
    data.result.map(({ metric, value, values }) => {
      const labels = JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)))
      const points = values ?? (value === undefined ? [] : [value])
      return [labels, new Map(points.map(([seconds, text]) => [Math.round(seconds * 1000), Number(text)]))]
    }),
  )
}

export function compareAnswers(a: ReadAnswer, b: ReadAnswer): Difference {
  let points = 0
  let onlyOne = 0
  let relative = 0
  for (const labels of new Set([...a.keys(), ...b.keys()])) {
    const left = a.get(labels)
    const right = b.get(labels)
    for (const time of new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])])) {
      const [x, y] = [left?.get(time), right?.get(time)]
      points++
      if (x === undefined || y === undefined) onlyOne++
      else if (x !== y) relative = Math.max(relative, Math.abs(x - y) / Math.max(Math.abs(x), Math.abs(y)))
    }
  }
  return { points, onlyOne, relative }
}
