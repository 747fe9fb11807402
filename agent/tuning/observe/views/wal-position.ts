/** Where this server's WAL ends: what it has written, or as a standby received. It may be promoted between two looks. */
export const walPosition = `
case when pg_is_in_recovery() then coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) else pg_current_wal_lsn() end`.trim()
