import { toPgherdError } from '../../common/errors.ts'
import { queryTextsAnswer } from '../../common/insight/query-texts-view.ts'
import type { CollectorClient } from '../client.ts'
import { withQuery } from '../with-query.ts'

/** The text of a statement of a database; null where it is not known. */
export type TextOf = (datname: string, query: string) => string | null

/**
 * What the collector knows of the texts of a cluster's statements; one that keeps none knows none.
 * @param queries queryids; what is none, such as `other`, has no text
 * @throws PgherdError as the collector answers else
 */
export async function readTexts(
  client: CollectorClient,
  cluster: string,
  queries: readonly string[],
): Promise<TextOf> {
  const known = new Set(queries.filter((query) => /^-?\d+$/.test(query)))
  if (known.size === 0) return () => null
  const path = withQuery('/api/v1/queries/texts', { cluster, query: [...known] })
  try {
    const { data } = await client.call('GET', path, queryTextsAnswer)
    const texts = new Map(data.map(({ datname, query, text }) => [`${datname} ${query}`, text]))
    return (datname, query) => texts.get(`${datname} ${query}`) ?? null
  } catch (error) {
    if (toPgherdError(error).code === 'NOT_FOUND') return () => null
    throw error
  }
}
