import { z } from 'zod'
import { askJson } from './server-link.ts'
import type { ServerLink } from './server-link.ts'

const settingsAnswer = z.object({
  settings: z
    .record(z.string().max(64), z.string().max(1_000))
    .nullable()
    .transform((settings) => settings ?? {}),
  digest: z.string().nullable(),
  /** Null where the role may not see it. */
  dataDirectory: z.string().nullable(),
  /** The server's own default. Where our role or database has one of its own, as who only measures should, that tells nothing. */
  isReadOnlyByDefault: z.boolean(),
})
export type SettingsAnswer = z.infer<typeof settingsAnswer>

/** Of these the values themselves are told. */
const named = `
max_connections max_worker_processes max_wal_senders max_prepared_transactions max_locks_per_transaction
max_replication_slots wal_level wal_log_hints data_checksums full_page_writes fsync synchronous_commit archive_mode
shared_buffers work_mem maintenance_work_mem effective_cache_size max_wal_size max_slot_wal_keep_size
hot_standby hot_standby_feedback track_commit_timestamp shared_preload_libraries server_encoding lc_collate
default_transaction_isolation password_encryption random_page_cost max_parallel_workers
`
  .trim()
  .split(/\s+/)

/**
 * What differs between members that are well: places, names, whom they follow, what the connection itself or the server's
 * state sets, and the version, which is told apart.
 */
const own = `
port listen_addresses cluster_name data_directory config_file hba_file ident_file external_pid_file event_source bonjour_name
unix_socket_directories primary_conninfo primary_slot_name restore_command archive_cleanup_command recovery_end_command
recovery_min_apply_delay synchronous_standby_names synchronized_standby_slots in_hot_standby transaction_read_only
server_version server_version_num transaction_deferrable transaction_isolation log_directory log_filename hot_standby
promote_trigger_file archive_command recovery_target_timeline huge_pages_status num_os_semaphores
shared_memory_size shared_memory_size_in_huge_pages default_transaction_read_only application_name
`
  .trim()
  .split(/\s+/)

const listed = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ')

const statement = {
  name: 'pgherd_health_settings',
  text: `select json_build_object(
  'settings', json_object_agg(name, left(value, 1000)) filter (where name in (${listed(named)})),
  'digest', md5(string_agg(name || '=' || value, E'\\n' order by name collate "C")
    filter (where source not in ('client', 'session') and name not in (${listed(own)}))),
  'dataDirectory', max(value) filter (where name = 'data_directory'),
  'isReadOnlyByDefault', bool_or(reset_val = 'on') filter (where name = 'default_transaction_read_only')
    and not exists (
      select from pg_db_role_setting
      where (setrole, setdatabase) <> (0, 0)
        and setrole in (0, (select oid from pg_roles where rolname = session_user))
        and setdatabase in (0, (select oid from pg_database where datname = current_database()))
        and exists (select from unnest(setconfig) as one where one ~* '^default_transaction_read_only=')))
from (select name, source, reset_val, coalesce(setting, '') || coalesce(' ' || unit, '') as value from pg_settings) as s`,
}

/**
 * The settings that members of a cluster share, some 350 rows read in one go.
 * @throws PgherdError as `askJson`
 */
export async function askSettings({ link }: ServerLink): Promise<SettingsAnswer> {
  return askJson(link, statement, settingsAnswer)
}
