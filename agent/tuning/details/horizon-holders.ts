import type { ResultTable } from '../../postgres/result-table.ts'
import type { Detail } from './detail.ts'

/** Somebody who may still want to see rows that are dead for everybody else. */
export interface HorizonHolder {
  readonly kind: 'session' | 'prepared transaction' | 'slot' | 'standby'
  /** Such as `session 4711 (app in shop, idle in transaction, psql)`. */
  readonly who: string
  /** Transactions since the oldest that it may want to see. */
  readonly age: number
  /** Since when; null where nobody knows. */
  readonly seconds: number | null
  /** False for a logical slot, for which rows of the catalogs alone are kept. */
  readonly ofAllTables: boolean
}

const text = `
select * from (
  select 'session' as kind, 'session ' || pid as name,
         concat_ws(', ', coalesce(usename, backend_type) || ' in ' || datname, state, nullif(application_name, '')) as about,
         greatest(age(backend_xmin), age(backend_xid)) as age,
         extract(epoch from clock_timestamp() - xact_start) as seconds, true as of_all_tables
    from pg_stat_activity
   where (backend_xmin is not null or backend_xid is not null)
     and backend_type not in ('walsender', 'parallel worker') and pid <> pg_backend_pid()
     and pid not in (select pid from pg_stat_progress_vacuum)
  union all
  select 'standby', 'standby ' || coalesce(nullif(application_name, ''), pid::text),
         'hot_standby_feedback without a slot', age(backend_xmin), null, true
    from pg_stat_replication
   where backend_xmin is not null
  union all
  select 'slot', 'slot ' || slot_name, case when active then 'in use' else 'nobody reads it' end, age(xmin), null, true
    from pg_replication_slots
   where xmin is not null
  union all
  select 'slot', 'slot ' || slot_name, case when active then 'in use' else 'nobody reads it' end, age(catalog_xmin), null, false
    from pg_replication_slots
   where catalog_xmin is not null
  union all
  select 'prepared transaction', 'prepared transaction ' || quote_literal(gid), owner || ' in ' || database, age(transaction),
         extract(epoch from clock_timestamp() - prepared), true
    from pg_prepared_xacts) as holders
 order by age desc, seconds desc nulls last
 limit 20`

/** Who holds back the horizon of VACUUM, the furthest first. On a standby there is nobody: its primary vacuums. */
export const horizonHolders: Detail<readonly HorizonHolder[]> = {
  name: 'horizonHolders',
  async read(session, { inRecovery }) {
    return inRecovery ? undefined : (await session.read({ text }, 5_000)).rows.map(holderOf)
  },
}

function holderOf([
  kind,
  name,
  about,
  age,
  seconds,
  ofAllTables,
]: ResultTable['rows'][number]): HorizonHolder {
  return {
    kind: kind as HorizonHolder['kind'],
    who: `${name} (${about})`,
    age: Number(age),
    seconds: seconds == null ? null : Number(seconds),
    ofAllTables: ofAllTables === 't',
  }
}
