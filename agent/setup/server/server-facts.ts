import { z } from 'zod'
import type { Connection } from '../../postgres/connection.ts'
import { hbaRules } from './hba-rule.ts'
import type { HbaRule } from './hba-rule.ts'

/** What a server says of itself, asked as its superuser. */
export interface ServerFacts {
  readonly versionNumber: number
  readonly inRecovery: boolean
  /** `cluster_name`; empty where it has none. */
  readonly clusterName: string
  readonly listenAddresses: string
  readonly hbaFile: string
  readonly hba: readonly HbaRule[]
  /** That of the agent; undefined where there is none. */
  readonly role: RoleFacts | undefined
  /** Whether the role may connect to the database that is asked, or everybody. */
  readonly mayConnect: boolean
  /** pg_stat_statements: there in this database, only to be created, or not loaded by the server. */
  readonly statements: 'there' | 'to-create' | 'not-loaded'
  readonly archiveCommand: string
  /** Of a standby, as it was told: `host=10.0.0.1 port=5432`; undefined where it follows nobody now. */
  readonly primary: string | undefined
}

export interface RoleFacts {
  readonly mayLogIn: boolean
  readonly isSuperuser: boolean
  readonly isMonitor: boolean
  /** The verifier of its password; undefined where it has none. */
  readonly verifier: string | undefined
}

/** With $1 the name of the role. */
const factsQuery = `
select json_build_object(
         'versionNumber', current_setting('server_version_num')::int,
         'inRecovery', pg_is_in_recovery(),
         'clusterName', current_setting('cluster_name'),
         'listenAddresses', current_setting('listen_addresses'),
         'hbaFile', current_setting('hba_file'),
         'archiveCommand', current_setting('archive_command'),
         'isLoaded', current_setting('shared_preload_libraries') like '%pg_stat_statements%'
                     and exists (select from pg_available_extensions where name = 'pg_stat_statements')
                     and exists (select from pg_namespace where nspname = 'public'),
         'isCreated', exists (select from pg_extension where extname = 'pg_stat_statements'),
         'mayConnect', has_database_privilege('public', current_database(), 'CONNECT')
                       or coalesce((select has_database_privilege(oid, current_database(), 'CONNECT')
                                      from pg_roles where rolname = $1), false),
         'role', (select json_build_object('mayLogIn', rolcanlogin,
                                           'isSuperuser', rolsuper,
                                           'isMonitor', pg_has_role(oid, 'pg_monitor', 'usage'),
                                           'verifier', rolpassword)
                    from pg_authid where rolname = $1),
         'primary', (select conninfo from pg_stat_wal_receiver limit 1))::text`

/** The columns of pg_hba_file_rules; the file is there since PostgreSQL 16. */
const hbaQuery = (file: string): string => `
select coalesce(json_agg(json_build_object('line', line_number, 'file', ${file}, 'type', type,
                                           'database', database, 'user', user_name,
                                           'address', address, 'netmask', netmask,
                                           'method', auth_method, 'options', options, 'error', error)
                         order by rule_number), '[]')::text
  from (select *, row_number() over (order by line_number) as rule_number from pg_hba_file_rules) as rules`
const hbaQuerySince16 = hbaQuery('file_name').replace(
  '(select *, row_number() over (order by line_number) as rule_number from pg_hba_file_rules)',
  'pg_hba_file_rules',
)

const answer = z.object({
  versionNumber: z.number(),
  inRecovery: z.boolean(),
  clusterName: z.string(),
  listenAddresses: z.string(),
  hbaFile: z.string(),
  archiveCommand: z.string(),
  isLoaded: z.boolean(),
  isCreated: z.boolean(),
  mayConnect: z.boolean(),
  role: z
    .object({
      mayLogIn: z.boolean(),
      isSuperuser: z.boolean(),
      isMonitor: z.boolean(),
      verifier: z.string().nullable(),
    })
    .nullable(),
  primary: z.string().nullable(),
})

const timeoutMs = 5_000

/** @param role name of the agent's. @throws PgherdError as `Connection.query` */
export async function readServerFacts(connection: Connection, role: string): Promise<ServerFacts> {
  const { rows } = await connection.query({ text: factsQuery, values: [role] }, timeoutMs)
  const told = answer.parse(JSON.parse(rows[0]?.[0] ?? 'null'))
  const text = told.versionNumber >= 160_000 ? hbaQuerySince16 : hbaQuery('null')
  const hba = await connection.query({ text }, timeoutMs)
  return {
    ...told,
    hba: hbaRules.parse(JSON.parse(hba.rows[0]?.[0] ?? '[]')),
    role: told.role === null ? undefined : { ...told.role, verifier: told.role.verifier ?? undefined },
    statements: told.isCreated ? 'there' : told.isLoaded ? 'to-create' : 'not-loaded',
    primary: told.primary === null ? undefined : addressIn(told.primary),
  }
}

/** Host and port of a connection string; the rest may be secret. */
function addressIn(conninfo: string): string {
  return (conninfo.match(/\b(?:host|hostaddr|port)=\S+/g) ?? []).join(' ')
}
