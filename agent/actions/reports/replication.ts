import { readTable, unlessEmpty } from './report.ts'
import type { Report } from './report.ts'

const senders = `
select application_name as standby,
       usename as "user",
       coalesce(host(client_addr), 'socket') as client,
       state,
       sync_state,
       pg_size_pretty(pg_wal_lsn_diff(here.lsn, sent_lsn)) as unsent,
       pg_size_pretty(pg_wal_lsn_diff(sent_lsn, flush_lsn)) as unflushed,
       pg_size_pretty(pg_wal_lsn_diff(here.lsn, replay_lsn)) as behind,
       date_trunc('milliseconds', write_lag) as write_lag,
       date_trunc('milliseconds', flush_lag) as flush_lag,
       date_trunc('milliseconds', replay_lag) as replay_lag,
       date_trunc('milliseconds', clock_timestamp() - reply_time) as since_reply,
       pid,
       backend_start
  from pg_stat_replication,
       (select case when pg_is_in_recovery() then pg_last_wal_receive_lsn()
                    else pg_current_wal_lsn() end as lsn) as here
 order by pg_wal_lsn_diff(here.lsn, replay_lsn) desc nulls first, application_name
 limit $1::bigint`

const receiver = `
select r.status,
       r.sender_host || ':' || r.sender_port as "from",
       r.slot_name as slot,
       r.received_tli as timeline,
       pg_last_wal_receive_lsn() as received,
       pg_last_wal_replay_lsn() as replayed,
       pg_size_pretty(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())) as unreplayed,
       date_trunc('milliseconds', clock_timestamp() - r.last_msg_receipt_time) as since_message,
       -- A primary on which nothing is written makes this grow as well.
       date_trunc('milliseconds', clock_timestamp() - pg_last_xact_replay_timestamp()) as last_commit,
       pg_get_wal_replay_pause_state() as replay
  from (select) as always
  left join pg_stat_wal_receiver r on true
 limit $1::bigint`

export const replication: Report = {
  name: 'replication',
  what: 'standbys of this server and how far behind they are; on a standby also what it receives',
  async read(context) {
    const right = ['unsent', 'unflushed', 'behind', 'unreplayed']
    const sending = await readTable(context, { title: 'Standbys', text: senders, right })
    const out = [unlessEmpty(sending, 'Nobody replicates from this server.')]
    if (!context.session.inRecovery) return out
    return [...out, await readTable(context, { title: 'This standby', text: receiver, right })]
  },
}
