import { auditAnswer } from '../../common/audit/entry.ts'
import type { AuditEntry } from '../../common/audit/entry.ts'
import type { CollectorClient } from '../client.ts'
import { withQuery } from '../with-query.ts'

/** The collector's own chain. */
export const collectorChain = 'collector'

const pageSize = 1_000

export async function readPage(
  client: CollectorClient,
  chain: string,
  after: number,
  limit = pageSize,
): Promise<{ readonly entries: readonly AuditEntry[]; readonly chains: readonly string[]; newest: number }> {
  const path = withQuery('/api/v1/audit', { chain, after, limit })
  return (await client.call('GET', path, auditAnswer)).data
}

/** All entries of a chain as the collector has them, page by page. */
export async function* readChain(
  client: CollectorClient,
  chain: string,
): AsyncGenerator<readonly AuditEntry[]> {
  let after = 0
  for (;;) {
    const { entries } = await readPage(client, chain, after)
    if (entries.length === 0) return
    yield entries
    // The highest, not the last: a chain that somebody has put out of order must still come to an end.
    after = Math.max(after + 1, ...entries.map(({ seq }) => seq))
  }
}

/**
 * The newest entries of a chain that are wanted, in order, as many as `limit`.
 * @param isWanted undefined ends the search: nothing older is of interest
 */
export async function readNewest(
  client: CollectorClient,
  chain: string,
  limit: number,
  isWanted: (entry: AuditEntry) => boolean | undefined,
): Promise<readonly AuditEntry[]> {
  let { newest } = await readPage(client, chain, 0, 1)
  let found: AuditEntry[] = []
  while (newest > 0) {
    const after = Math.max(0, newest - pageSize)
    const { entries } = await readPage(client, chain, after)
    const page = entries.filter(({ seq }) => seq <= newest)
    const verdicts = page.map(isWanted)
    found = [...page.filter((_, i) => verdicts[i] === true), ...found]
    if (found.length >= limit || verdicts.includes(undefined)) break
    newest = after
  }
  return found.slice(-limit)
}
