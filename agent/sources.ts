import type { Registry } from 'prom-client'
import type { Clock } from '../common/clock.ts'
import { PgherdError } from '../common/errors.ts'
import { httpPort } from '../common/http-port.ts'
import type { Log } from '../common/log.ts'
import type { SampleTable } from '../common/series/sample-table.ts'
import { noTracer } from '../common/tracer.ts'
import type { Tracer } from '../common/tracer.ts'
import type { AgentConfig } from './config.ts'
import { accessOf } from '../common/config/access-options.ts'
import type { PoolerConfig, ServerConfig } from './config/postgres-options.ts'
import { createNeighbour } from './neighbour-source.ts'
import { createEndpointSource } from './neighbours/endpoint.ts'
import { createOwnSource } from './own-source.ts'
import type { ConnectionSlots } from './postgres/connection-slots.ts'
import type { ProbeDefinition } from './probes/definition.ts'
import { createHostSource } from './scrape/host-source.ts'
import { identityLabels } from './scrape/identity.ts'
import type { Identity } from './scrape/identity.ts'
import { createPoolerSource } from './scrape/pooler-source.ts'
import { createPostgresSource } from './scrape/postgres-source.ts'
import type { PostgresSourceOptions } from './scrape/postgres-source.ts'
import type { Source } from './scrape/source.ts'

export interface SourcesOptions {
  readonly config: AgentConfig
  readonly probes: () => readonly ProbeDefinition[]
  /** Of series, for the agent as a whole. */
  readonly budget: { readonly limit: number; readonly used: number }
  readonly clock: Clock
  readonly log: Log
  readonly tracer?: Tracer
  /** Shared with the sessions of commands. */
  readonly slotsOf?: (server: ServerConfig | PoolerConfig) => ConnectionSlots
  /** What else is told of a server, by its ins label; see `PostgresSourceOptions`. */
  readonly besides?: ((server: string) => readonly SampleTable[]) | undefined
}

/** In the instance label of the agent's own series; http.listen may choose another. */
const ownPort = 8433

export function identityOf(config: AgentConfig): Identity {
  return {
    cluster: config['identity.cluster'],
    seq: config['identity.seq'],
    ip: config['identity.ip'],
  }
}

/** The servers to watch, each with what it shares with the others filled in. */
export function serversOf(config: AgentConfig): readonly ServerConfig[] {
  if (!config['postgres.enabled']) return []
  const only: ServerConfig = {
    url: config['postgres.url'],
    password_file: undefined,
    cluster: undefined,
    seq: undefined,
    ip: undefined,
    actions_url: undefined,
    actions_password_file: undefined,
    include_databases: undefined,
    exclude_databases: undefined,
  }
  return config.servers.length === 0 ? [only] : config.servers
}

/** How a server is reached and who it is: the options of its source without what the agent adds. */
export function serverOptions(
  config: AgentConfig,
  server: ServerConfig | PoolerConfig,
): Pick<
  PostgresSourceOptions,
  'url' | 'passwordFile' | 'pgpassFile' | 'serviceFile' | 'searchPath' | 'identity'
> {
  const { cluster, seq, ip } = identityOf(config)
  const own = config['postgres.probes'] === undefined && config['postgres.more_probes'] === undefined
  return {
    url: server.url,
    passwordFile: server.password_file ?? config['postgres.password_file'],
    pgpassFile: config['postgres.pgpass_file'],
    serviceFile: config['postgres.service_file'],
    // Files of the user's own may mean his extensions' views; ours name the system catalog only.
    ...(own ? {} : { searchPath: '"$user", public' }),
    identity: { cluster: server.cluster ?? cluster, seq: server.seq ?? seq, ip: server.ip ?? ip },
  }
}

/** The ins label of a server. */
export function insOf(config: AgentConfig, server: ServerConfig | PoolerConfig): string {
  const { identity } = serverOptions(config, server)
  return `${identity.cluster}-${identity.seq}`
}

/**
 * Everything that the configuration says is to be measured, but for the agent itself.
 * @throws PgherdError CONFIG_INVALID when two of them would have the same labels
 */
export function createSources(options: SourcesOptions): readonly Source[] {
  const { config, probes, clock, log, besides } = options
  const tags = new Set(config['postgres.tags'])
  const identity = identityOf(config)
  const servers = serversOf(config)
  const slotsOf = (server: ServerConfig | PoolerConfig) =>
    options.slotsOf === undefined ? {} : { slots: options.slotsOf(server) }
  const common = { probes, tags, clock, log, tracer: options.tracer ?? noTracer }
  const labelsFor = (job: string, port: number): Readonly<Record<string, string>> =>
    identityLabels(identity, job, port)
  const sources: Source[] = [
    ...servers.map((server) =>
      createPostgresSource({
        ...serverOptions(config, server),
        ...common,
        ...slotsOf(server),
        databases: {
          include: server.include_databases ?? config['postgres.include_databases'],
          exclude: server.exclude_databases ?? config['postgres.exclude_databases'],
        },
        databaseIntervalMs: config['postgres.database_interval'],
        maxDatabaseSeries: databaseShare(options.budget, servers.length),
        ...(besides === undefined ? {} : { besides: () => besides(insOf(config, server)) }),
      }),
    ),
    ...config.poolers.map((pooler) =>
      createPoolerSource({ ...serverOptions(config, pooler), ...common, ...slotsOf(pooler) }),
    ),
    ...(config['host.enabled']
      ? [createHostSource({ identity, units: config['host.units'], clock, log })]
      : []),
    ...config.neighbours.map((neighbour) => createNeighbour(neighbour, { labelsFor, clock, log })),
    ...config['scrape.endpoints'].map((endpoint) =>
      createEndpointSource({
        url: endpoint.url,
        ...accessOf(endpoint),
        labels: { ...labelsFor(endpoint.job, httpPort(endpoint.url)), ...endpoint.labels },
        intervalMs: endpoint.interval,
        timeoutMs: endpoint.timeout,
        keep: endpoint.keep,
        drop: endpoint.drop,
        sampleLimit: endpoint.sample_limit,
        log,
      }),
    ),
  ]
  refuseTwins(sources)
  return sources
}

/**
 * The databases of one server get what the limit leaves beside everything else, and not much more than their part of it
 * when there are several servers.
 */
function databaseShare(
  budget: { readonly limit: number; readonly used: number },
  servers: number,
): (used: number) => number {
  const reserve = 0.05 * budget.limit
  return (used) => {
    const left = budget.limit - reserve - (budget.used - used)
    return Math.max(0, Math.min(left, (0.8 * budget.limit) / servers))
  }
}

/** The agent as one of its own sources. */
export function createAgentSource(config: AgentConfig, registry: Registry): Source {
  return createOwnSource(
    identityLabels(identityOf(config), 'pgherd', config['http.listen']?.port ?? ownPort),
    registry,
  )
}

/** Their samples would overwrite each other. */
function refuseTwins(sources: readonly Source[]): void {
  const seen = new Set<string>()
  for (const { labels } of sources) {
    const key = JSON.stringify(Object.entries(labels).sort())
    if (seen.has(key)) {
      const shown = Object.entries(labels).map(([name, value]) => `${name}="${value}"`)
      throw new PgherdError(
        'CONFIG_INVALID',
        `two sources would have the labels {${shown.join(', ')}}; allowed: a cluster, seq, ip, port or label that tells them apart`,
      )
    }
    seen.add(key)
  }
}
