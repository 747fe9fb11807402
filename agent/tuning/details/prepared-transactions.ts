import type { Detail } from './detail.ts'

/** A transaction that was prepared for a second phase which has not come. */
export interface PreparedTransaction {
  readonly gid: string
  readonly owner: string
  readonly database: string
  readonly seconds: number
}

const readMs = 5_000

const statement = `
select left(gid, 100), owner, database, extract(epoch from now() - prepared)
  from pg_prepared_xacts order by prepared limit 5`

/** The oldest first. */
export const preparedTransactions: Detail<readonly PreparedTransaction[]> = {
  name: 'preparedTransactions',
  async read(session) {
    const { rows } = await session.read({ text: statement }, readMs)
    return rows.map(([gid, owner, database, seconds]) => ({
      gid: gid ?? '',
      owner: owner ?? '',
      database: database ?? '',
      seconds: Number(seconds),
    }))
  },
}
