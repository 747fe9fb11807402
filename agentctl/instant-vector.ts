import { z } from 'zod'
import type { CollectorClient } from './client.ts'

const answer = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('vector'),
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
    ),
  }),
})

/** One series of an instant vector. */
export interface VectorRow {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/**
 * An instant vector as it is now.
 * @throws PgherdError as the collector answers
 */
export async function instantVector(client: CollectorClient, query: string): Promise<readonly VectorRow[]> {
  const { data } = await client.call('POST', '/api/v1/query', answer, { form: { query } })
  return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
}
