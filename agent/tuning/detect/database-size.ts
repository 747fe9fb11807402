import { PgherdError } from '../../../common/errors.ts'
import type { DetectSession } from './told.ts'

export interface DatabaseSize {
  readonly bytes: number
  readonly from: string
}

/** It looks at each file of each database. */
const sizeMs = 3_000
const estimateMs = 2_000

const exact = `
select sum(pg_database_size(oid)) from pg_database
 where has_database_privilege(oid, 'connect') or pg_has_role('pg_read_all_stats', 'usage')`

const estimate = `select sum(relpages::bigint) * current_setting('block_size')::bigint from pg_class where relkind in ('r', 'i', 't', 'm')`

/**
 * Of all databases together; where counting their files takes longer than three seconds, of this one as its statistics have it, which is
 * less. Null where neither can be had.
 * @throws PgherdError when the server is gone
 */
export async function readDatabaseSize(session: DetectSession): Promise<DatabaseSize | null> {
  const ask = async (text: string, limitMs: number): Promise<number | undefined> => {
    try {
      const { rows } = await session.read({ text }, limitMs)
      return rows[0]?.[0] == null ? undefined : Number(rows[0][0])
    } catch (error) {
      if (error instanceof PgherdError && error.code === 'POSTGRES_UNAVAILABLE') throw error
      return undefined
    }
  }
  const whole = await ask(exact, sizeMs)
  if (whole !== undefined) return { bytes: whole, from: 'pg_database_size of all databases' }
  const part = await ask(estimate, estimateMs)
  return part === undefined
    ? null
    : { bytes: part, from: 'pg_class.relpages of this database alone: counting the files took more than 3 s' }
}
