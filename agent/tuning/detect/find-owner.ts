import { isPatronis } from '../server-settings.ts'
import type { ConfigurationOwner, OwnerKind } from './configuration-owner.ts'
import type { OwnerSigns } from './owner-signs.ts'

type Sign = string | false | undefined

/** An owner, by what it is recognised, and what is to be done there. */
interface KnownOwner {
  readonly kind: OwnerKind
  readonly name: string
  readonly mayApply: boolean
  readonly how: string
  readonly notes?: readonly string[]
  /** What speaks for it; one is enough. */
  readonly signs: (of: OwnerSigns) => readonly Sign[]
}

const role = ({ told }: OwnerSigns, name: string): Sign => told.roles.has(name) && `role ${name}`
const prefix = ({ told }: OwnerSigns, name: string): Sign => told.prefixes.has(name) && `settings ${name}.*`
const variable = ({ environment }: OwnerSigns, start: string): Sign => {
  const found = [...environment].find((name) => name.startsWith(start))
  return found !== undefined && `${found} in its environment`
}
const below = ({ told }: OwnerSigns, directory: string): Sign =>
  told.dataDirectory?.startsWith(`${directory}/`) === true && `data directory below ${directory}`

const patroniSigns = ({ told, files, header }: OwnerSigns): readonly Sign[] => [
  isPatronis(told) && 'max_connections, wal_level and others on the command line',
  files.has('patroni.dynamic.json') && 'patroni.dynamic.json in the data directory',
  /Patroni/.test(header) && 'postgresql.conf says that Patroni writes it',
]

const patroniHow =
  'settings go into its dynamic configuration (patronictl edit-config, or pgherd through its REST API), which all members follow; a restart is patronictl restart'

const service = (
  kind: OwnerKind,
  name: string,
  how: string,
  signs: KnownOwner['signs'],
  notes: readonly string[] = [],
): KnownOwner => ({ kind, name, how, signs, notes, mayApply: false })

/** The first that is recognised is it: what is built upon another one stands before that. */
const owners: readonly KnownOwner[] = [
  service(
    'aurora',
    'Amazon Aurora',
    'settings are changed in its cluster parameter group',
    (of) => [
      of.told.roles.has('rdsadmin') && of.told.prefixes.has('aurora') && 'role rdsadmin, settings aurora_*',
    ],
    [
      'Aurora has no checkpoints and no WAL of its own, and three quarters of the memory as shared_buffers: what is said of them does not count there',
    ],
  ),
  service('rds', 'Amazon RDS', 'settings are changed in its DB parameter group', (of) => [
    role(of, 'rdsadmin'),
    prefix(of, 'rds'),
  ]),
  service('cloud-sql', 'Google Cloud', 'settings are changed as flags of the instance', (of) => [
    role(of, 'cloudsqladmin'),
    role(of, 'cloudsqlsuperuser'),
    role(of, 'alloydbsuperuser'),
  ]),
  service('azure', 'Azure Database', 'settings are changed as server parameters', (of) => [
    role(of, 'azure_superuser'),
    role(of, 'azure_pg_admin'),
    prefix(of, 'azure'),
  ]),
  service(
    'neon',
    'Neon',
    'settings are those of the service; a role or a database can have its own',
    (of) => [role(of, 'neon_superuser'), prefix(of, 'neon')],
  ),
  service('supabase', 'Supabase', 'settings are changed by supabase postgres-config update', (of) => [
    role(of, 'supabase_admin'),
  ]),
  service(
    'cloudnativepg',
    'CloudNativePG',
    'settings go into spec.postgresql.parameters of the Cluster resource',
    (of) => [
      of.told.socketDirectories.includes('/controller/run') && 'its socket is in /controller/run',
      role(of, 'cnpg_pooler_pgbouncer'),
    ],
  ),
  service(
    'zalando',
    "Zalando's operator",
    'settings go into spec.postgresql.parameters of the postgresql resource',
    (of) => [variable(of, 'SPILO_CONFIGURATION'), role(of, 'zalandos'), below(of, '/home/postgres/pgdata')],
  ),
  service(
    'crunchy',
    "Crunchy Data's operator",
    'settings go into spec.patroni.dynamicConfiguration.postgresql.parameters of the PostgresCluster resource',
    (of) => [role(of, '_crunchyrepl'), role(of, '_crunchypgbouncer'), variable(of, 'PGHA_')],
  ),
  service('stackgres', 'StackGres', 'settings go into an SGPostgresConfig resource', (of) => [
    variable(of, 'STACKGRES_'),
  ]),
  {
    kind: 'pigsty',
    name: 'Pigsty',
    mayApply: true,
    how: `as under Patroni, which it uses: ${patroniHow}`,
    notes: [
      "Pigsty's templates are read once, when a cluster is made: put into pg_parameters of the inventory what is to outlast it",
    ],
    signs: (of) => [
      patroniSigns(of).some(Boolean) &&
        of.told.roles.has('dbuser_dba') &&
        of.told.roles.has('dbuser_monitor') &&
        'Patroni, roles dbuser_dba and dbuser_monitor',
    ],
  },
  {
    kind: 'patroni',
    name: 'Patroni',
    mayApply: true,
    how: patroniHow,
    notes: [
      'what ALTER SYSTEM has left in postgresql.auto.conf wins over Patroni; max_connections and others that Patroni gives on the command line can be changed there alone',
    ],
    signs: patroniSigns,
  },
  service(
    'kubernetes',
    'Kubernetes',
    'settings go into what made the pod: its chart, its ConfigMap or its arguments',
    (of) => [variable(of, 'KUBERNETES_SERVICE_HOST')],
  ),
  {
    kind: 'docker',
    name: 'a container',
    mayApply: true,
    how: 'ALTER SYSTEM lasts as long as the volume with the data; what the container gives on the command line wins over it, and is changed in its compose file or its start',
    signs: (of) => [of.container],
  },
  {
    kind: 'configuration-management',
    name: 'a program that keeps configurations',
    mayApply: true,
    how: 'ALTER SYSTEM wins over the file that it writes, so that there are two owners from then on: put what is to last into its variables (agentctl tune export -f ansible)',
    signs: ({ header }) => {
      const [word] =
        /\b(ansible|puppet|chef|salt(?:stack)?|cfengine|managed by terraform)\b/i.exec(header) ?? []
      return [word !== undefined && `postgresql.conf says "${word}"`]
    },
  },
]

/** Who keeps the settings of a server, by all that can be seen of it. */
export function findOwner(signs: OwnerSigns): ConfigurationOwner {
  const { allowsAlterSystem, commandLine } = signs.told
  for (const { signs: signsOf, notes = [], ...owner } of owners) {
    const found = signsOf(signs).filter((sign): sign is string => typeof sign === 'string')
    if (found.length === 0) continue
    return {
      ...owner,
      signs: found,
      notes: [...notes, ...(owner.kind === 'docker' ? given(commandLine) : [])],
    }
  }
  if (!allowsAlterSystem) {
    return {
      kind: 'plain',
      name: 'somebody who has forbidden ALTER SYSTEM',
      signs: ['allow_alter_system is off'],
      how: 'settings are changed in its files',
      notes: given(commandLine),
      mayApply: false,
    }
  }
  return {
    kind: 'plain',
    name: 'the server itself',
    signs: ['no sign of anybody else'],
    how: 'settings are changed by ALTER SYSTEM, which wins over postgresql.conf',
    notes: given(commandLine),
    mayApply: true,
  }
}

function given(commandLine: ReadonlySet<string>): readonly string[] {
  if (commandLine.size === 0) return []
  return [`its command line gives ${[...commandLine].sort().join(', ')}, which nothing else can change`]
}
