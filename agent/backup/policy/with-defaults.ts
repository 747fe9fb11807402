import type { BackupPolicy, DrillPolicy, RepositoryPolicy } from '../../../common/backup/backup-policy.ts'
import type { ClusterFile, RepositoryFile } from './schema.ts'

/** What is known of the host that reads the policy. */
export interface PolicyFacts {
  readonly processors: number
  /** Of pgBackRest, such as `2.45`; null where it is not known or not installed. */
  readonly engineVersion: string | null
  /** Of this host's member of a cluster; null where it is not known. */
  dataDirectory(cluster: string): string | null
}

const minute = 60_000
const hour = 60 * minute

/** What pgBackRest takes itself where nothing is told, so that it works by hand as well. */
export const pgBackRestDefaults = {
  configFile: '/etc/pgbackrest/pgbackrest.conf',
  logPath: '/var/log/pgbackrest',
  lockPath: '/tmp/pgbackrest',
  spoolPath: '/var/spool/pgbackrest',
  tlsPort: 8432,
} as const

export function withDefaults(cluster: string, file: ClusterFile, facts: PolicyFacts): BackupPolicy {
  const { engine = 'pgbackrest', config = 'write', archive, retry, compression, guard } = file
  const type = compression?.type ?? defaultCompression(engine, facts.engineVersion)
  return {
    cluster,
    engine,
    stanza: file.stanza ?? cluster,
    config,
    configFile: file.config_file ?? pgBackRestDefaults.configFile,
    timeZone: file.time_zone ?? 'UTC',
    schedules: file.schedules ?? {},
    windowMs: file.window ?? 6 * hour,
    where: file.where ?? 'primary',
    fallbackAfterMs: file.fallback_after ?? 30 * minute,
    members: (file.members ?? []).map(({ address, data_directory, port, socket_directory }) => ({
      address,
      dataDirectory: data_directory ?? null,
      port: port ?? null,
      socketDirectory: socket_directory ?? null,
    })),
    primaryAccess:
      file.primary_access === undefined
        ? null
        : {
            kind: 'tls',
            certFile: file.primary_access.cert_file,
            keyFile: file.primary_access.key_file,
            caFile: file.primary_access.ca_file,
            port: file.primary_access.port ?? pgBackRestDefaults.tlsPort,
            allowedNames: file.primary_access.allowed_names,
          },
    repositories: (file.repositories ?? []).map(repositoryOf),
    compression: { type, level: compression?.level ?? null },
    processMax: file.process_max ?? Math.min(Math.max(Math.ceil(facts.processors / 4), 2), 4),
    maxRate: file.max_rate ?? null,
    nice: file.nice ?? 10,
    // Each try to connect takes it four times: an S3 that nobody reaches is told of after 40 s, and not after 4 min.
    ioTimeoutMs: file.io_timeout ?? 10_000,
    protocolTimeoutMs: file.protocol_timeout ?? 10 * minute,
    logPath: file.log_path ?? pgBackRestDefaults.logPath,
    lockPath: file.lock_path ?? pgBackRestDefaults.lockPath,
    archive: {
      isManaged: archive?.managed ?? (engine === 'pgbackrest' && config === 'write'),
      isAsync: archive?.async ?? true,
      spoolPath: archive?.spool_path ?? pgBackRestDefaults.spoolPath,
      // Beyond it pgBackRest throws segments away, and with them every point behind.
      queueMaxBytes: archive?.queue_max ?? null,
      timeoutMs: archive?.timeout ?? minute,
    },
    retry: {
      attempts: retry?.attempts ?? 5,
      firstMs: retry?.first ?? minute / 2,
      longestMs: retry?.longest ?? 10 * minute,
    },
    guard: {
      loadPerCpu: orDefault(guard?.load_per_cpu, 4),
      activeSessions: orDefault(guard?.active_sessions, null),
      lagBytes: orDefault(guard?.lag, 16 * 2 ** 30),
      ioPressurePercent: orDefault(guard?.io_pressure_percent, 80),
    },
    drill: drillOf(file.drill ?? {}),
    restore: { timeoutMs: file.restore?.timeout ?? 24 * hour },
  }
}

/** zst is as small as gz at a third of the work; pgBackRest has it since 2.27. pg_basebackup has gz everywhere. */
function defaultCompression(engine: 'pgbackrest' | 'pg_basebackup', version: string | null): 'zst' | 'gz' {
  if (engine === 'pg_basebackup') return 'gz'
  return version === null || isAtLeast(version, '2.27') ? 'zst' : 'gz'
}

/** Whether a version of pgBackRest such as `2.45` or `2.54.2` is this one or a later one. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

function repositoryOf(file: RepositoryFile): RepositoryPolicy {
  const { full, diff } = file.retention
  const ofAll = {
    path: file.path,
    retention: { full, diff: diff ?? null },
    cipherPassFile: file.cipher_pass_file ?? null,
    // An object store is slow with small files.
    bundle: file.bundle ?? file.kind === 's3',
    block: file.block ?? false,
  }
  if (file.kind === 'local') return { ...ofAll, kind: 'local', isShared: file.shared ?? false }
  return {
    ...ofAll,
    kind: 's3',
    bucket: file.bucket,
    endpoint: file.endpoint,
    region: file.region ?? 'us-east-1',
    keyFile: file.key_file,
    keySecretFile: file.key_secret_file,
    uriStyle: file.uri_style ?? 'host',
    caFile: file.ca_file ?? null,
    verifyTls: file.verify_tls ?? true,
  }
}

function drillOf(file: NonNullable<ClusterFile['drill']>): DrillPolicy {
  return {
    directory: file.directory ?? '/var/lib/pgherd/drill',
    keepFreePercent: file.keep_free_percent ?? 10,
    target: file.target ?? 'latest',
    amcheck: file.amcheck ?? true,
    queries: file.queries ?? [],
    timeoutMs: file.timeout ?? 12 * hour,
  }
}

/** Null is an answer: no limit. */
function orDefault<T>(given: T | undefined, otherwise: T): T {
  return given === undefined ? otherwise : given
}
