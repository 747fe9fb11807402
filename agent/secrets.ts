import { dirname, join } from 'node:path'
import type { Clock } from '../common/clock.ts'
import { createHttpClient } from '../common/http-client.ts'
import type { DefaultPasswordsReport } from '../common/insight/default-passwords.ts'
import { readKnownPasswords } from '../common/known-passwords/known-passwords.ts'
import type { Log } from '../common/log.ts'
import { interfaceAddresses } from './config.ts'
import type { AgentConfig } from './config.ts'
import type { PoolerConfig, ServerConfig } from './config/postgres-options.ts'
import type { ConnectionSlots } from './postgres/connection-slots.ts'
import { parseTarget } from './postgres/target.ts'
import type { SecretFile } from './secrets/look-at-files.ts'
import type { WatchedServer } from './secrets/look-at-postgres.ts'
import type { WebService } from './secrets/look-at-web.ts'
import { isOwnAddress } from './secrets/own-address.ts'
import { watchPasswords } from './secrets/watch-passwords.ts'
import type { PasswordWatch } from './secrets/watch-passwords.ts'
import { serversOf } from './sources.ts'

/** Services that may be on this host without being configured here, at their usual ports. */
const usualServices: readonly WebService[] = [
  { service: 'patroni', origin: 'http://127.0.0.1:8008' },
  { service: 'haproxy', origin: 'http://127.0.0.1:9101' },
  { service: 'grafana', origin: 'http://127.0.0.1:3000' },
  { service: 'minio', origin: 'http://127.0.0.1:9000' },
  { service: 'etcd', origin: 'http://127.0.0.1:2379' },
  { service: 'supabase-studio', origin: 'http://127.0.0.1:8000' },
]

const repositorySecrets: SecretFile['secrets'] = [
  { name: /^repo\d*-cipher-pass$/, service: 'pgbackrest-cipher' },
  { name: /^repo\d*-s3-key-secret$/, service: 'minio' },
]

/** The watch for well-known passwords on what this host has; undefined where it is not wanted. Never throws. */
export function openSecrets(
  config: AgentConfig,
  options: {
    readonly clock: Clock
    readonly log: Log
    readonly slotsOf: (server: { readonly url: string }) => ConnectionSlots
    readonly tell: (report: DefaultPasswordsReport) => void
  },
): (PasswordWatch & Disposable) | undefined {
  if (!config['secrets.enabled']) return undefined
  const { slotsOf, clock, log, tell } = options
  const addresses = interfaceAddresses().map(({ address }) => address)
  const own = (host: string): boolean => isOwnAddress(host, addresses)
  const watched =
    (kind: WatchedServer['kind']) =>
    (server: ServerConfig | PoolerConfig): readonly WatchedServer[] => {
      const { host, port, database } = parseTarget(server.url, config['postgres.service_file'])
      return own(host) ? [{ kind, host, port, database, slots: slotsOf(server) }] : []
    }
  const http = createHttpClient({ connections: 1 })
  const watch = watchPasswords({
    known: readKnownPasswords(),
    servers: [
      ...serversOf(config).flatMap(watched('postgres')),
      ...config.poolers.flatMap(watched('pgbouncer')),
    ],
    web: webServices(config).filter(({ origin }) => own(new URL(origin).hostname)),
    files: filesOf(config),
    keptIn: join(dirname(config['spool.directory']), 'secrets.json'),
    afterMs: config['secrets.after'],
    everyMs: config['secrets.interval'],
    ...{ http, tell, clock, log },
  })
  return { ...watch, [Symbol.dispose]: () => http[Symbol.dispose]() }
}

function webServices(config: AgentConfig): readonly WebService[] {
  const told = config.neighbours.flatMap(({ kind, url }): readonly WebService[] =>
    url !== undefined && (kind === 'patroni' || kind === 'haproxy' || kind === 'etcd')
      ? [{ service: kind, origin: new URL(url).origin }]
      : [],
  )
  const isTold = ({ service }: WebService): boolean => told.some((one) => one.service === service)
  return [...told, ...usualServices.filter((one) => !isTold(one))]
}

function filesOf(config: AgentConfig): readonly SecretFile[] {
  const told = config.neighbours.flatMap(({ kind, config_file: file }) =>
    kind === 'pgbackrest' && file !== undefined ? [file] : [],
  )
  const ofRepositories = new Set([...told, '/etc/pgbackrest/pgbackrest.conf', '/etc/pgbackrest.conf'])
  return [
    ...[...ofRepositories].map((path) => ({ path, secrets: repositorySecrets })),
    ...['/opt/supabase/.env', '/opt/supabase/docker/.env'].map((path) => ({
      path,
      secrets: [{ name: /^JWT_SECRET$/, service: 'supabase-jwt' as const }],
    })),
  ]
}
