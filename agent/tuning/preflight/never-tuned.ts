import { tunableNames } from './tunable-names.ts'

/** What no plan of tuning changes, whatever it would gain, and why not. */
const never: readonly (readonly [RegExp, string])[] = [
  [/^(?:fsync|full_page_writes)$/, 'without it a crash of the host may destroy data'],
  [/^synchronous_commit$/, 'it decides which commits a crash may lose, which is for whoever owns the data'],
  [/^synchronous_standby_names$/, 'it decides which commits a failover may lose, and Patroni may keep it'],
  [/^(?:data_checksums|zero_damaged_pages|ignore_\w+)$/, 'it decides whether damage is seen'],
  [/^restart_after_crash$/, 'who starts the server again knows it otherwise'],
  [
    /^(?:archive_\w+|restore_command|recovery_(?!prefetch$)\w+|primary_\w+)$/,
    'backups and replication depend on it',
  ],
  [/^(?:listen_addresses|port|unix_socket_\w+|bonjour\w*)$/, 'clients reach the server by it'],
  [
    /^(?:ssl\w*|password_encryption|authentication_timeout|krb_\w+|gss_\w+|db_user_namespace|scram_\w+|md5_\w+|oauth_\w+)$/,
    'it decides who gets in',
  ],
  [
    /^(?:\w+_file|data_directory|\w+_directory|\w+_library_path|dynamic_library_path|extension_control_path)$/,
    'the server finds its files and programs by it',
  ],
  [
    /^(?:lc_\w+|timezone\w*|log_timezone|datestyle|client_encoding|default_text_search_config)$/i,
    'answers would look different',
  ],
  [/^allow_alter_system$/, 'who has switched ALTER SYSTEM off has another place for settings'],
]

const levels = ['minimal', 'replica', 'logical']

/**
 * Why tuning may not change a setting so; undefined where it may.
 * @param was - the value now, null where nobody knows
 */
export function whyNotTuned(name: string, was: string | null, wanted: string): string | undefined {
  const reason = never.find(([names]) => names.test(name))?.[1]
  if (reason !== undefined) return `${name} is never tuned: ${reason}`
  if (!tunableNames.has(name)) return `${name} is not among the settings that are tuned`
  if (name === 'wal_level' && (was === null || levels.indexOf(wanted) < levels.indexOf(was))) {
    return 'wal_level is never lowered by tuning: archives, standbys and subscribers may need it'
  }
  return undefined
}
