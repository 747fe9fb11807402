import type { View } from '../view.ts'
import { walPosition } from './wal-position.ts'

/** Of what standbys lag behind by, each part is another one's: the network, the standby's disk, its replay. Subscribers are told by their slot. */
const lags = `
select (select count(*) from pg_stat_replication) as senders,
       count(pid) as standbys,
       max(here.lsn - write_lsn) as network_bytes,
       max(write_lsn - flush_lsn) as disk_bytes,
       max(flush_lsn - replay_lsn) as apply_bytes,
       max(extract(epoch from coalesce(write_lag, '0'))) as network_seconds,
       max(extract(epoch from coalesce(flush_lag - write_lag, '0'))) as disk_seconds,
       max(extract(epoch from coalesce(replay_lag - flush_lag, '0'))) as apply_seconds
  from (select ${walPosition} as lsn) as here
  left join pg_stat_replication as sender
    on sender.state = 'streaming'
   and not exists (select from pg_replication_slots where active_pid = sender.pid and slot_type = 'logical')`

/** Who streams from this server, and where they lag. */
export const replication: View = {
  name: 'replication',
  pace: 'sample',
  counters: [],
  gauges: [
    'senders',
    'standbys',
    'network_bytes',
    'disk_bytes',
    'apply_bytes',
    'network_seconds',
    'disk_seconds',
    'apply_seconds',
  ],
  statement: () => lags,
}
