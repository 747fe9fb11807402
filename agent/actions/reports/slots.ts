import { readTable, unlessEmpty } from './report.ts'
import type { Report } from './report.ts'

/** What newer versions tell besides: since 16, since 17. */
function text(versionNumber: number): string {
  return `
select slot_name as slot,
       slot_type as type,
       database,
       plugin,
       active,
       active_pid,
       wal_status,
       pg_size_pretty(pg_wal_lsn_diff(here.lsn, restart_lsn)) as retained,
       -- What may still be written before it is lost; none where max_slot_wal_keep_size sets no limit.
       pg_size_pretty(safe_wal_size) as safe,
       pg_size_pretty(pg_wal_lsn_diff(here.lsn, confirmed_flush_lsn)) as unconfirmed,
       age(xmin) as xmin_age,
       age(catalog_xmin) as catalog_xmin_age,${versionNumber >= 160_000 && versionNumber < 170_000 ? '\n       conflicting,' : ''}${
         versionNumber >= 170_000
           ? `
       invalidation_reason,
       date_trunc('seconds', clock_timestamp() - inactive_since) as inactive,
       failover,
       synced,`
           : ''
       }
       temporary
  from pg_replication_slots,
       (select case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                    else pg_current_wal_lsn() end as lsn) as here
 order by pg_wal_lsn_diff(here.lsn, restart_lsn) desc nulls last, slot_name
 limit $1::bigint`
}

export const slots: Report = {
  name: 'slots',
  what: 'replication slots: the WAL that each retains, and how near it is to being lost',
  async read(context) {
    const table = await readTable(context, {
      title: 'Replication slots',
      text: text(context.session.versionNumber),
      right: ['retained', 'safe', 'unconfirmed'],
    })
    return [unlessEmpty(table, 'There is no replication slot.')]
  },
}
