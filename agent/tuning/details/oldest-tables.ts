import type { Detail } from './detail.ts'

export interface OldestTables {
  /** All databases, the oldest first. */
  readonly databases: readonly {
    readonly name: string
    readonly age: number
    readonly multixactAge: number
  }[]
  /** Of the database at hand, the oldest first. */
  readonly tables: readonly { readonly table: string; readonly age: number; readonly bytes: number }[]
}

const most = 5

const ages = `
select datname, age(datfrozenxid) as age, mxid_age(datminmxid)
  from pg_database
 order by greatest(age(datfrozenxid), mxid_age(datminmxid)) desc
 limit ${most}`

/** Temporary tables are left to their session; the largest age is of a table that no heap has. */
const tables = `
select oid::regclass::text, age(relfrozenxid), relpages::bigint * current_setting('block_size')::int
  from (select oid, relfrozenxid, relpages
          from pg_class
         where relkind in ('r', 'm', 't') and relpersistence <> 't' and age(relfrozenxid) < 2147483647
         order by age(relfrozenxid) desc, relpages desc
         limit ${most}) as oldest`

/** What has to be frozen first. */
export const oldestTables: Detail<OldestTables> = {
  name: 'oldestTables',
  async read(session, { inRecovery }) {
    if (inRecovery) return undefined
    const databases = await session.read({ text: ages }, 5_000)
    const oldest = await session.read({ text: tables }, 5_000)
    return {
      databases: databases.rows.map(([name, age, multixactAge]) => ({
        name: name ?? '',
        age: Number(age),
        multixactAge: Number(multixactAge),
      })),
      tables: oldest.rows.map(([table, age, bytes]) => ({
        table: table ?? '',
        age: Number(age),
        bytes: Number(bytes),
      })),
    }
  },
}
