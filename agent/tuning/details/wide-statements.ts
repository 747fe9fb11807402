import { hideSecrets } from '../../../common/hide-secrets.ts'
import type { Detail } from './detail.ts'
import { shortStatement } from './short-statement.ts'

/** A statement that reads many pages for few rows, as a scan of a table does where an index would give them. It may also count what it reads. */
export interface WideStatement {
  /** On one line, shortened, without what looks like a secret. */
  readonly text: string
  readonly calls: number
  /** Of one call. */
  readonly pages: number
  readonly rows: number
}

/** Of pages, per call; and how many of them there are for each row. */
const manyPages = 1_000
const pagesPerRow = 100

const statement = (schema: string): string => `
select left(query, 2000), calls, (shared_blks_hit + shared_blks_read) / calls, rows::float8 / calls
  from (select * from ${schema}.pg_stat_statements
         where calls > 0 and query ~* '^[[:space:]]*(select|with|update|delete)[[:space:]]'
         order by shared_blks_hit + shared_blks_read desc
         limit 20) as most
 where (shared_blks_hit + shared_blks_read) / calls >= ${manyPages}
   and (shared_blks_hit + shared_blks_read) / calls >= ${pagesPerRow} * rows::float8 / calls`

/** Among the 20 that read most, since their statistics began. */
export const wideStatements: Detail<readonly WideStatement[]> = {
  name: 'wideStatements',
  async read(session, { schemas }) {
    const schema = schemas.get('pg_stat_statements')
    if (schema === undefined) return undefined
    const { rows } = await session.read({ text: statement(schema) }, 5_000)
    return rows.map(([text, calls, pages, count]) => ({
      text: shortStatement(hideSecrets(text ?? '')),
      calls: Number(calls),
      pages: Number(pages),
      rows: Number(count),
    }))
  },
}
