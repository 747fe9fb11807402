import { join } from 'node:path'
import { copyTree } from './copy-tree.ts'
import { withClient } from './postgres-client.ts'
import type { PostgresServer } from './postgres-server.ts'
import { writeOwned } from './postgres-settings.ts'
import { unprivilegedOwner } from './unprivileged.ts'

/** What a copy leaves out, as pg_basebackup does: state of the running server and of other servers' slots. */
const leftOut =
  /^(postmaster\.(pid|opts)|standby\.signal|recovery\.conf|backup_label(\.old)?|(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\/.+|.*\bpgsql_tmp.*)$/

interface BackupFunctions {
  readonly start: string
  readonly stop: string
}

/** PostgreSQL 15 renamed the functions and dropped the exclusive mode. */
function backupFunctions(major: number): BackupFunctions {
  return major >= 15
    ? {
        start: `select pg_backup_start('base backup', true)`,
        stop: `select labelfile from pg_backup_stop(false)`,
      }
    : {
        start: `select pg_start_backup('base backup', true, false)`,
        stop: `select labelfile from pg_stop_backup(false, false)`,
      }
}

/**
 * Copies a running server into a new data directory through the low-level backup interface (PostgreSQL
 * documentation, 25.3.4), because pg_basebackup does not come with the server packages. Without WAL: the
 * copy becomes consistent by streaming it from `source`, whose replication slot must exist already.
 */
export async function copyRunningServer(source: PostgresServer, dataDirectory: string): Promise<void> {
  const functions = backupFunctions(source.major)
  await withClient({ host: source.socketDirectory, port: source.port }, async (client) => {
    await client.query(functions.start)
    await copyTree(source.dataDirectory, dataDirectory, {
      owner: unprivilegedOwner(),
      skip: (path) => leftOut.test(path),
    })
    const { rows } = await client.query<{ labelfile: string }>(functions.stop)
    writeOwned(join(dataDirectory, 'backup_label'), rows[0]!.labelfile)
  })
}
