/** Milliseconds since the epoch. */
export function msOf(time: string): string {
  return `round((extract(epoch from ${time}) * 1000)::numeric)`
}

/** How far a server's log reaches: what a standby has, though it may not be replayed yet; what a primary has written. */
export function endOfLog(isInRecovery: string): string {
  return `case when ${isInRecovery} then coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                  else pg_current_wal_lsn() end`
}

/** Milliseconds since the epoch. A server asked through a pooler is known by it: the answers must be the same to the digit. */
export const postmasterStart = 'round(extract(epoch from pg_postmaster_start_time()) * 1000)'
