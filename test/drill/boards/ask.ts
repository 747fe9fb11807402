import { z } from 'zod'

const answer = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]).optional(),
        values: z.array(z.tuple([z.number(), z.string()])).optional(),
      }),
    ),
  }),
})

/** When a board is asked, seconds since the epoch. */
export interface When {
  readonly start: number
  readonly end: number
  readonly step: number
}

/** Values by series and time, as `{labels} time`. */
export type Values = ReadonlyMap<string, number>

/**
 * Asks as Grafana does.
 * @throws Error with the text of the answer when it is an error
 */
export async function ask(
  url: string,
  query: string,
  instant: boolean,
  { start, end, step }: When,
): Promise<Values> {
  const body: Record<string, string> = instant
    ? { query, time: String(end) }
    : { query, start: String(start), end: String(end), step: String(step) }
  const response = await fetch(`${url}/api/v1/query${instant ? '' : '_range'}`, {
    method: 'POST',
    body: new URLSearchParams(body),
    signal: AbortSignal.timeout(30_000),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${query}: HTTP ${response.status} ${text.slice(0, 300)}`)
  const { result } = answer.parse(JSON.parse(text)).data
  return new Map(
    result.flatMap(({ metric, value, values = [] }) => {
      const labels = JSON.stringify(Object.entries(metric).sort())
      return [...values, ...(value === undefined ? [] : [value])].map(
        ([time, number]) => [`${labels} ${time}`, Number(number.replace('Inf', 'Infinity'))] as const,
      )
    }),
  )
}

/** What differs by more than a part of it, a millionth unless told. */
export function differences(ours: Values, theirs: Values, tolerance = 1e-6): readonly string[] {
  const keys = new Set([...ours.keys(), ...theirs.keys()])
  return [...keys].flatMap((key) => {
    const [a, b] = [ours.get(key), theirs.get(key)]
    if (a === undefined || b === undefined) return [`${key}: ${a ?? 'nothing'} and ${b ?? 'nothing'}`]
    if (Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b))) return []
    return [`${key}: ${a} and ${b}`]
  })
}
