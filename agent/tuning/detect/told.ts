import { z } from 'zod'
import type { ActionSession } from '../../postgres/action-session.ts'

export type DetectSession = Pick<ActionSession, 'read' | 'change' | 'versionNumber' | 'inRecovery'>

/** What a server says of itself. Null is what this role may not know. */
export interface Told {
  /** Such as `17.10 (Debian 17.10-1.pgdg12+1)`. */
  readonly version: string
  /** What it was built for and by: the rest of version(). */
  readonly build: string
  readonly clusterName: string
  readonly startedMs: number
  readonly childPid: number
  readonly isThroughSocket: boolean
  /** The address that it answers from; null through a socket. */
  readonly address: string | null
  readonly dataDirectory: string | null
  readonly configFile: string | null
  readonly socketDirectories: string
  readonly tablespaces: readonly { readonly name: string; readonly path: string }[]
  readonly sessionsNow: number
  readonly installed: readonly string[]
  readonly available: readonly string[]
  /** Of those that somebody's service or operator makes. */
  readonly roles: ReadonlySet<string>
  /** Prefixes of settings, such as `rds`; those of Aurora have no point. */
  readonly prefixes: ReadonlySet<string>
  readonly commandLine: ReadonlySet<string>
  readonly allowsAlterSystem: boolean
  /** Of huge_pages_status (17 and later); null where it does not say. */
  readonly usesHugePages: boolean | null
}

const readMs = 5_000

/** Roles that services and operators make. Source: their documentation. */
const knownRoles = [
  'rdsadmin',
  'rds_superuser',
  'cloudsqladmin',
  'cloudsqlsuperuser',
  'alloydbsuperuser',
  'azure_superuser',
  'azure_pg_admin',
  'neon_superuser',
  'supabase_admin',
  'cnpg_pooler_pgbouncer',
  'streaming_replica',
  'zalandos',
  'robot_zmon',
  '_crunchypgbouncer',
  '_crunchyrepl',
  'ccp_monitoring',
  'dbuser_dba',
  'dbuser_monitor',
]

// pg_settings leaves out what this role may not see, where current_setting would fail. The checkpointer lives as long as its server.
const about = `
select current_setting('server_version'),
       version(),
       current_setting('cluster_name'),
       extract(epoch from pg_postmaster_start_time()) * 1000,
       coalesce((select pid from pg_stat_activity where backend_type = 'checkpointer' limit 1), pg_backend_pid()),
       host(inet_server_addr()),
       (select setting from pg_settings where name = 'data_directory' limit 1),
       (select setting from pg_settings where name = 'config_file' limit 1),
       coalesce((select setting from pg_settings where name = 'unix_socket_directories' limit 1), ''),
       (select coalesce(json_agg(json_build_array(spcname, pg_tablespace_location(oid))), '[]')
          from (select * from pg_tablespace where oid >= 16384 order by spcname limit 100) as own),
       (select count(*) from pg_stat_activity where backend_type = 'client backend'),
       (select coalesce(json_agg(extname order by extname), '[]') from pg_extension),
       (select coalesce(json_agg(name order by name), '[]') from pg_available_extensions),
       (select coalesce(json_agg(rolname), '[]') from pg_roles where rolname = any ($1::text[])),
       (select coalesce(json_agg(prefix), '[]')
          from (select split_part(name, '.', 1) as prefix from pg_settings where name like '%.%'
                union
                select 'aurora' from pg_settings where name ~ '^(aurora|apg)_') as known),
       (select coalesce(json_agg(name), '[]') from pg_settings
         where source = 'command line' and context <> 'internal'
           and name not in ('config_file', 'data_directory', 'hba_file', 'ident_file', 'external_pid_file')),
       coalesce(current_setting('allow_alter_system', true), 'on'),
       current_setting('huge_pages_status', true)`

/** @throws PgherdError of the session */
export async function readTold(session: DetectSession): Promise<Told> {
  const { rows } = await session.read({ text: about, values: [knownRoles] }, readMs)
  const [
    version,
    build,
    clusterName,
    started,
    child,
    address,
    dataDirectory,
    configFile,
    socketDirectories,
    tablespaces,
    sessions,
    installed,
    available,
    roles,
    prefixes,
    commandLine,
    alterSystem,
    hugePages,
  ] = rows[0] ?? []
  return {
    version: version ?? '',
    build: (build ?? '').split(' on ').slice(1).join(' on '),
    clusterName: clusterName ?? '',
    startedMs: Number(started),
    childPid: Number(child),
    isThroughSocket: address == null,
    address: address ?? null,
    dataDirectory: dataDirectory ?? null,
    configFile: configFile ?? null,
    socketDirectories: socketDirectories ?? '',
    tablespaces: listOf(pairs, tablespaces)
      .filter(([, path]) => path !== '')
      .map(([name, path]) => ({ name, path })),
    sessionsNow: Number(sessions),
    installed: listOf(names, installed),
    available: listOf(names, available),
    roles: new Set(listOf(names, roles)),
    prefixes: new Set(listOf(names, prefixes)),
    commandLine: new Set(listOf(names, commandLine)),
    allowsAlterSystem: alterSystem === 'on',
    usesHugePages: hugePages === 'on' ? true : hugePages === 'off' ? false : null,
  }
}

const names = z.array(z.string())
const pairs = z.array(z.tuple([z.string(), z.string()]))

function listOf<T>(schema: z.ZodType<T>, json: string | null | undefined): T {
  return schema.parse(JSON.parse(json ?? '[]'))
}
