import { statfs } from 'node:fs/promises'
import type { Clock } from '../common/clock.ts'
import { accessOf } from '../common/config/access-options.ts'
import { resolveReading } from '../common/patroni/access.ts'
import { interfaceAddresses } from './config.ts'
import type { AgentConfig } from './config.ts'
import type { PoolerConfig, ServerConfig } from './config/postgres-options.ts'
import { createHealth } from './health/health.ts'
import type { Health, WatchedPooler, WatchedServer } from './health/health.ts'
import type { OpenLink } from './health/link.ts'
import { isLocalHost } from './postgres/local-host.ts'
import { createSession } from './postgres/session.ts'
import type { SessionOptions } from './postgres/session.ts'
import { parseTarget } from './postgres/target.ts'
import { serverOptions, serversOf } from './sources.ts'

export const healthApplicationName = 'pgherd health'

/** That of the sessions, so that no statement has to set it anew. */
const statementTimeoutMs = 2_000

const defaultUrls = { patroni: 'http://127.0.0.1:8008', etcd: 'http://127.0.0.1:2379' }

/** The state of all servers that the configuration names; undefined where it is switched off, or there is no server. */
export function createHealthWatch(config: AgentConfig, clock: Clock): Health | undefined {
  const servers = serversOf(config)
  if (!config['health.enabled'] || servers.length === 0) return undefined
  return createHealth({
    servers: servers.map((server) => watchedServer(config, server, clock)),
    poolers: config.poolers.map((pooler) => watchedPooler(config, pooler, clock)),
    patronis: accessTo('patroni', config),
    etcd: accessTo('etcd', config),
    statfs,
    addresses: addressesOf(config),
    clock,
    intervalMs: config['health.interval'],
    deadlineMs: config['health.deadline'],
  })
}

function watchedServer(config: AgentConfig, server: ServerConfig, clock: Clock): WatchedServer {
  const { identity, ...reached } = serverOptions(config, server)
  const { host } = parseTarget(reached.url, reached.serviceFile)
  return {
    server: `${identity.cluster}-${identity.seq}`,
    cluster: identity.cluster,
    isLocal: isLocalHost(host),
    open: opener({ ...reached, clock, isReadOnlyFromStart: false }),
  }
}

function watchedPooler(config: AgentConfig, pooler: PoolerConfig, clock: Clock): WatchedPooler {
  const { identity, ...reached } = serverOptions(config, pooler)
  const { through_url: through } = pooler
  const server = `${identity.cluster}-${identity.seq}`
  const { host, port } = parseTarget(through ?? reached.url, reached.serviceFile)
  const throughOptions =
    through === undefined
      ? {}
      : { url: through, passwordFile: pooler.through_password_file ?? reached.passwordFile }
  return {
    pooler: `${host.startsWith('/') ? server : host}:${port}`,
    server,
    way: through === undefined ? 'console' : 'through',
    // A pooler knows no startup parameters, whatever is behind it.
    open: opener({ ...reached, ...throughOptions, clock, console: true }),
  }
}

/** Each link is a session of its own: one that is silent must not stand in the way of the next. */
function opener(options: SessionOptions): OpenLink {
  return async (timeoutMs, signal) => {
    const closed = Promise.withResolvers<undefined>()
    const session = createSession({
      ...options,
      onClosed: () => closed.resolve(undefined),
      applicationName: healthApplicationName,
      backoff: { next: () => 0, reset: () => undefined },
    })
    const close = () => session[Symbol.asyncDispose]()
    const cut = () => void close()
    signal.addEventListener('abort', cut, { once: true })
    try {
      await session.connect(timeoutMs)
      // By SET, so that the server's own default can be told apart.
      if (options.isReadOnlyFromStart === false) {
        await session.query({ text: 'set default_transaction_read_only = on' }, statementTimeoutMs)
      }
    } catch (error) {
      signal.removeEventListener('abort', cut)
      await close()
      throw error
    }
    return {
      get isOpen() {
        return session.isConnected
      },
      closed: closed.promise,
      async query({ name, text }) {
        const named = name === '' ? { text } : { name, text }
        return (await session.query(named, statementTimeoutMs)).rows
      },
      async [Symbol.asyncDispose]() {
        signal.removeEventListener('abort', cut)
        await close()
      },
    }
  }
}

function accessTo(kind: keyof typeof defaultUrls, config: AgentConfig) {
  return config.neighbours
    .filter((neighbour) => neighbour.kind === kind)
    .map((neighbour) => {
      const access = accessOf(neighbour)
      const { url, config_file: configFile } = neighbour
      const isByFile = kind === 'patroni' && configFile !== undefined
      return {
        ...access,
        url: url ?? defaultUrls[kind],
        ...(isByFile ? { resolve: () => resolveReading({ ...access, url, configFile }) } : {}),
      }
    })
}

function addressesOf(config: AgentConfig): ReadonlySet<string> {
  const configured = config.servers.flatMap(({ ip }) => ip ?? [])
  const own = interfaceAddresses().map(({ address }) => address)
  return new Set([config['identity.ip'], ...configured, ...own])
}
