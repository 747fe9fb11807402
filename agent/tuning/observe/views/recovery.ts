import type { View } from '../view.ts'

/** Nothing that is replayed late on purpose, or not at all for now, counts as a lag. */
const behind = `
select (select count(*) from pg_stat_wal_receiver where status = 'streaming') as is_streaming,
       case when is_late then null else received - replayed end as apply_bytes,
       case when is_late then null
            when received = replayed then 0
            else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())
       end as apply_seconds
  from (select pg_last_wal_receive_lsn() as received, pg_last_wal_replay_lsn() as replayed,
               current_setting('recovery_min_apply_delay') <> '0'
               or (pg_is_in_recovery() and pg_is_wal_replay_paused()) as is_late) as here`

/** How far this standby is with what it has received. */
export const recovery: View = {
  name: 'recovery',
  pace: 'sample',
  counters: [],
  gauges: ['is_streaming', 'apply_bytes', 'apply_seconds'],
  statement: ({ inRecovery }) => (inRecovery ? behind : undefined),
}
