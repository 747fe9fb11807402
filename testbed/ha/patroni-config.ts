import { credentials } from './credentials.ts'

export interface PatroniTimes {
  /** Seconds that the leader key lives: what a failover waits for. */
  readonly ttl: number
  readonly loopWait: number
  readonly retryTimeout: number
}

/**
 * For tests alone: Debian's Patroni 3.0.2 takes them, later ones raise them to 20, 1 and 3. The rule is
 * loopWait + 2 * retryTimeout <= ttl.
 */
export const fastTimes: PatroniTimes = { ttl: 5, loopWait: 1, retryTimeout: 2 }

export interface DynamicOptions {
  readonly times: PatroniTimes
  readonly synchronousMode: boolean | 'strict'
  /** Whether a dead postmaster is failed over from at once; Patroni starts it again in place otherwise. */
  readonly failoverOnCrash: boolean
  readonly parameters: Readonly<Record<string, string | number>>
}

/** What Patroni keeps in etcd for all members. */
export function dynamicConfig(options: DynamicOptions): unknown {
  return {
    ttl: options.times.ttl,
    loop_wait: options.times.loopWait,
    retry_timeout: options.times.retryTimeout,
    maximum_lag_on_failover: 1_048_576,
    synchronous_mode: options.synchronousMode !== false,
    synchronous_mode_strict: options.synchronousMode === 'strict',
    ...(options.failoverOnCrash ? { primary_start_timeout: 0 } : {}),
    postgresql: {
      use_pg_rewind: true,
      use_slots: true,
      parameters: {
        wal_level: 'replica',
        hot_standby: 'on',
        wal_log_hints: 'on',
        max_connections: 60,
        max_wal_senders: 10,
        max_replication_slots: 10,
        wal_keep_size: '64MB',
        max_wal_size: '128MB',
        shared_buffers: '32MB',
        // A demotion stops the server in an orderly way, which waits this long for standbys that cannot be reached.
        wal_sender_timeout: '5s',
        wal_receiver_timeout: '5s',
        shared_preload_libraries: 'pg_stat_statements',
        log_line_prefix: '%m [%p] %q%a ',
        ...options.parameters,
      },
    },
  }
}

/** The file of one member. */
export function memberConfig(options: {
  readonly scope: string
  readonly name: string
  readonly address: string
  readonly peers: ReadonlyMap<string, string>
  readonly dataDirectory: string
  readonly directory: string
  readonly postgresBin: string
}): unknown {
  const { address, directory } = options
  const { superuser, replication, rewind, patroni } = credentials
  const login = ({ user, password }: { user: string; password: string }): unknown => ({
    username: user,
    password,
  })
  return {
    scope: options.scope,
    namespace: '/service/',
    name: options.name,
    restapi: { listen: '0.0.0.0:8008', connect_address: `${address}:8008`, authentication: login(patroni) },
    ctl: { authentication: login(patroni) },
    etcd: { hosts: [...options.peers.values()].map((peer) => `${peer}:2379`) },
    watchdog: { mode: 'off' },
    postgresql: {
      listen: `${address},127.0.0.1:5432`,
      connect_address: `${address}:5432`,
      data_dir: options.dataDirectory,
      bin_dir: options.postgresBin,
      pgpass: `${directory}/pgpass`,
      authentication: {
        superuser: login(superuser),
        replication: login(replication),
        rewind: login(rewind),
      },
      create_replica_methods: ['basebackup'],
      basebackup: [{ checkpoint: 'fast' }, 'no-sync'],
      parameters: { unix_socket_directories: directory },
      pg_hba: [
        'local all all trust',
        'host replication replicator 0.0.0.0/0 scram-sha-256',
        'host all all 0.0.0.0/0 scram-sha-256',
      ],
    },
  }
}
