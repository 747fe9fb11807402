import type { CollectorClient } from './client.ts'
import { instantVector } from './instant-vector.ts'

/**
 * The values of an instant vector now, by one of their labels.
 * @throws PgherdError as the collector answers
 */
export async function vectorByLabel(
  client: CollectorClient,
  query: string,
  label: string,
): Promise<ReadonlyMap<string, number>> {
  const rows = await instantVector(client, query)
  return new Map(rows.map(({ labels, value }) => [labels[label] ?? '', value]))
}
