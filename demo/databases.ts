import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { startPgbouncer } from '../testbed/pgbouncer.ts'
import type { Pgbouncer } from '../testbed/pgbouncer.ts'
import { startPostgres, startStandby } from '../testbed/postgres.ts'
import type { PostgresServer } from '../testbed/postgres.ts'

/** Passwords of the roles of the demo, new at every start. */
export interface Passwords {
  /** Runs the workload. */
  readonly app: string
  /** The agents' role for measuring: pg_monitor and nothing else. */
  readonly pgherd: string
  /** The agents' role for commands (docs/10-actions.md). */
  readonly action: string
  readonly replicator: string
}

export const cluster = 'demo'

/** Where the workload's tables are. */
export const database = 'shop'

/** The demo keeps fsync on, so that what the panels show of WAL and checkpoints is real. */
const settings = { fsync: 'on' }

export function inventPasswords(): Passwords {
  const secret = (): string => randomBytes(12).toString('hex')
  return { app: secret(), pgherd: secret(), action: secret(), replicator: secret() }
}

export async function startPrimary(directory: string, passwords: Passwords): Promise<PostgresServer> {
  const primary = await startPostgres({
    name: `${cluster}-1`,
    directory: join(directory, `${cluster}-1`),
    authentication: 'scram-sha-256',
    settings,
  })
  // The passwords are hexadecimal, so that they need no quoting.
  await primary.query(`
    create role pgherd login password '${passwords.pgherd}';
    grant pg_monitor to pgherd;
    create role pgherd_action login password '${passwords.action}';
    grant pg_monitor, pg_signal_backend, pg_checkpoint, pg_maintain to pgherd_action;
    grant execute on function pg_reload_conf(), pg_show_all_file_settings() to pgherd_action;
    grant select on pg_file_settings to pgherd_action;
    grant alter system on parameter checkpoint_timeout, effective_cache_size, jit, maintenance_work_mem, max_wal_size,
      min_wal_size, random_page_cost, work_mem to pgherd_action;
    create role replicator replication login password '${passwords.replicator}';
    create role app login password '${passwords.app}';
    create extension pg_stat_statements`)
  await primary.query(`create database ${database} owner app`)
  await primary.query('create extension pg_stat_statements', undefined, database)
  return primary
}

export function startReplica(
  directory: string,
  primary: PostgresServer,
  passwords: Passwords,
): Promise<PostgresServer> {
  return startStandby(primary, {
    name: `${cluster}-2`,
    directory: join(directory, `${cluster}-2`),
    replication: { user: 'replicator', password: passwords.replicator },
    settings,
  })
}

/** A pooler in front of the primary; undefined when pgBouncer is not installed. */
export function startPooler(directory: string, primary: PostgresServer): Promise<Pgbouncer | undefined> {
  return startPgbouncer({
    postgres: primary,
    directory: join(directory, 'pgbouncer'),
    // Try again at once after the primary was down; the default waits 15 s.
    settings: { server_login_retry: '1' },
  })
}
