import { z } from 'zod'
import { PgherdError } from '../../common/errors.ts'
import { standbyView } from '../../common/health/instance-health.ts'
import { askJson } from './server-link.ts'
import type { ServerFacts, ServerLink } from './server-link.ts'
import { endOfLog, msOf } from './sql-expressions.ts'

const position = z.int().nullable()
const seconds = z.number().nullable()

const liveAnswer = z.object({
  isInRecovery: z.boolean(),
  /** A primary's; a standby's as its receiver has it. */
  timeline: z.int().nullable(),
  currentPosition: position,
  receivedPosition: position,
  replayedPosition: position,
  /** Since the commit that was replayed last. */
  replayAgeSeconds: seconds,
  isReplayPaused: z.boolean().nullable(),
  upstream: z
    .object({
      host: z.string().nullable(),
      port: z.int().nullable(),
      slotName: z.string().nullable(),
      status: z.string(),
      latestEndPosition: position,
      latestEndMs: z.number().nullable(),
    })
    .nullable(),
  standbys: z
    .array(standbyView)
    .nullable()
    .transform((standbys) => standbys ?? []),
  synchronousStandbyNames: z.string(),
  /** Null without synchronous standbys. */
  waiting: z.object({ sessions: z.int(), longestSeconds: seconds }).nullable(),
})

/** What is asked each second. */
export type LiveAnswer = z.infer<typeof liveAnswer> & { readonly facts: ServerFacts }

/** Bytes since the beginning of the log. */
const bytesOf = (lsn: string): string => `pg_wal_lsn_diff(${lsn}, '0/0')::bigint`

/**
 * Role, positions and replication, in one statement without a table. The functions behind pg_stat_replication and
 * pg_stat_activity are asked themselves: the views join users and databases for every session.
 */
function statementWith(sender: { readonly host: string; readonly port: string }): string {
  return `select json_build_object(
  'isInRecovery', r,
  'timeline', case when r then (select received_tli from pg_stat_wal_receiver)
                   else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end,
  'currentPosition', case when not r then ${bytesOf('pg_current_wal_lsn()')} end,
  'receivedPosition', case when r then ${bytesOf('pg_last_wal_receive_lsn()')} end,
  'replayedPosition', ${bytesOf('pg_last_wal_replay_lsn()')},
  'replayAgeSeconds', case when r then extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) end,
  'isReplayPaused', case when r then pg_is_wal_replay_paused() end,
  'upstream', case when r then (
     select json_build_object('host', ${sender.host}, 'port', ${sender.port}, 'slotName', slot_name,
       'status', coalesce(status, 'unknown'), 'latestEndPosition', ${bytesOf('latest_end_lsn')},
       'latestEndMs', ${msOf('latest_end_time')})
     from pg_stat_wal_receiver) end,
  'standbys', (
     select json_agg(json_build_object('applicationName', left(coalesce(application_name, ''), 256),
       'clientAddress', host(client_addr), 'state', w.state, 'syncState', sync_state,
       'sentLagBytes', ${bytesOf('p')} - ${bytesOf('sent_lsn')},
       'flushLagBytes', ${bytesOf('p')} - ${bytesOf('flush_lsn')},
       'replayLagBytes', ${bytesOf('p')} - ${bytesOf('replay_lsn')},
       'replayLagSeconds', extract(epoch from replay_lag)))
     from (select * from pg_stat_get_wal_senders() limit 64) as w
     left join lateral pg_stat_get_activity(w.pid) as a on true,
     (select ${endOfLog('r')} as p) as here),
  'synchronousStandbyNames', left(current_setting('synchronous_standby_names'), 1000),
  'waiting', case when current_setting('synchronous_standby_names') <> '' then (
     select json_build_object('sessions', count(*),
       'longestSeconds', extract(epoch from clock_timestamp() - min(query_start)))
     from pg_stat_get_activity(null) where wait_event = 'SyncRep') end)
from (select pg_is_in_recovery() as r offset 0) as server`
}

const name = 'pgherd_health_live'
const statement = { name, text: statementWith({ host: 'sender_host', port: 'sender_port' }) }
/** It knows the sender only as a part of the connection string. */
const statementOf10 = {
  name,
  text: statementWith({
    host: `substring(conninfo from '(?:^|\\s)host=([^\\s]+)')`,
    port: `substring(conninfo from '(?:^|\\s)port=(\\d+)')::int`,
  }),
}

/** @throws PgherdError as `askJson` */
export async function askLive(server: ServerLink): Promise<LiveAnswer> {
  try {
    return await askOnce(server)
  } catch (error) {
    // A promotion in the middle of it makes functions fail that are for one role only.
    if (error instanceof PgherdError && error.code === 'PROBE_FAILED') return askOnce(server)
    throw error
  }
}

async function askOnce({ link, facts }: ServerLink): Promise<LiveAnswer> {
  const asked = facts.versionNumber >= 110_000 ? statement : statementOf10
  return { ...(await askJson(link, asked, liveAnswer)), facts }
}
