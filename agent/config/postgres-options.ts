import { homedir } from 'node:os'
import { join } from 'node:path'
import { boolean, duration, integer, list, path, text, url } from '../../common/config/kinds.ts'
import { option, optional, required } from '../../common/config/option-table.ts'
import type { Config } from '../../common/config/option-table.ts'
import { records } from '../../common/config/records.ts'
import { address, clusterName, databasePattern } from './names.ts'

const serverUrl = url(['postgres', 'postgresql'])
const seq = integer({ min: 0, max: 99_999 })

/** What one of several servers or poolers differs in; the rest is as in `identity` and `postgres`. */
const memberFields = {
  password_file: optional(path, 'as postgres.password_file'),
  cluster: optional(clusterName, 'as identity.cluster'),
  seq: optional(seq, 'as identity.seq'),
  ip: optional(address, 'as identity.ip'),
  actions_url: optional(serverUrl, 'how commands reach it, for a role of their own'),
  actions_password_file: optional(path, 'its password; as actions.password_file'),
} as const

export const serverFields = {
  url: required(serverUrl, 'as postgres.url'),
  ...memberFields,
  include_databases: optional(list(databasePattern), 'as postgres.include_databases'),
  exclude_databases: optional(list(databasePattern), 'as postgres.exclude_databases'),
} as const

export const poolerFields = {
  url: required(serverUrl, 'its console, such as postgres://pgherd@127.0.0.1:6432/pgbouncer'),
  ...memberFields,
  through_url: optional(
    serverUrl,
    'a database through it, asked each second whether it leads to the server; only its console is asked unless told',
  ),
  through_password_file: optional(path, 'its password; as password_file by default'),
} as const

export type ServerConfig = Config<typeof serverFields>
export type PoolerConfig = Config<typeof poolerFields>

export const postgresOptions = {
  'postgres.enabled': option(boolean, 'whether a PostgreSQL server is watched at all', true),
  'postgres.url': option(
    serverUrl,
    'server to watch, directly and never through a pooler; a socket directory goes into ?host=, a service into ?service=',
    'postgres://pgherd@localhost:5432/postgres?host=/var/run/postgresql',
  ),
  'postgres.password_file': optional(
    path,
    'file whose first line is the password, read at every connect; needless with peer authentication',
  ),
  'postgres.pgpass_file': option(
    path,
    'password file in the format of libpq, for what has no other password',
    join(homedir(), '.pgpass'),
  ),
  'postgres.service_file': option(
    path,
    'connection service file in the format of libpq, for URLs with ?service=',
    join(homedir(), '.pg_service.conf'),
  ),
  'postgres.probes': optional(
    path,
    "file or directory with probes in pg_exporter's format in place of the agent's own catalogue",
  ),
  'postgres.more_probes': optional(
    path,
    'file or directory with probes beside those; a branch of the same name replaces',
  ),
  'postgres.tags': option(
    list(text({ pattern: /^[^,\s]+$/, allowed: 'a tag', placeholder: '<tag>' })),
    'tags of probes that run only where they are asked for',
    [],
  ),
  'postgres.include_databases': option(
    list(databasePattern),
    'databases to look into besides the one of the URL, * stands for any text; all unless told',
    [],
  ),
  'postgres.exclude_databases': option(
    list(databasePattern),
    'databases not to look into; wins over the inclusion',
    [],
  ),
  'postgres.database_interval': option(
    duration({ min: '1s', max: '1h' }),
    'time between two looks into one database, whose probes may ask for more',
    30_000,
  ),
  servers: option(
    records(serverFields),
    'several servers in place of postgres.url; each with a seq (or cluster) of its own',
    [],
  ),
  poolers: option(records(poolerFields), 'pgBouncers to watch', []),
} as const
