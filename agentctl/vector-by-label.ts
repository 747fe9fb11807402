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

/**
 * The values of an instant vector now, by one of their labels.
 * @throws PgherdError as the collector answers
 */
export async function vectorByLabel(
  client: CollectorClient,
  query: string,
  label: string,
): Promise<ReadonlyMap<string, number>> {
  const { data } = await client.call('POST', '/api/v1/query', answer, { form: { query } })
  return new Map(data.result.map(({ metric, value }) => [metric[label] ?? '', Number(value[1])]))
}
