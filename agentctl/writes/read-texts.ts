import { queryTextsAnswer } from '../../common/insight/query-texts-view.ts'
import { toPgherdError } from '../../common/errors.ts'
import type { CollectorClient } from '../client.ts'
import type { StatementWrites } from './write-load.ts'

/**
 * The same statements, with the texts that the collector knows; a collector that keeps none is one without.
 * @throws PgherdError as the collector answers else
 */
export async function readTexts(
  client: CollectorClient,
  cluster: string,
  statements: readonly StatementWrites[],
): Promise<readonly StatementWrites[]> {
  const known = statements.filter(({ query }) => query !== 'other')
  if (known.length === 0) return statements
  const parameters = new URLSearchParams({ cluster })
  for (const query of new Set(known.map((one) => one.query))) parameters.append('query', query)
  try {
    const path = `/api/v1/queries/texts?${parameters.toString()}`
    const { data } = await client.call('GET', path, queryTextsAnswer)
    const texts = new Map(data.map(({ datname, query, text }) => [`${datname} ${query}`, text]))
    return statements.map((one) => ({ ...one, text: texts.get(`${one.database} ${one.query}`) ?? null }))
  } catch (error) {
    if (toPgherdError(error).code === 'NOT_FOUND') return statements
    throw error
  }
}
