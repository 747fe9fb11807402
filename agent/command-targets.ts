import type { Clock } from '../common/clock.ts'
import type { Target } from './actions/targets.ts'
import type { AgentConfig } from './config.ts'
import type { PoolerConfig, ServerConfig } from './config/postgres-options.ts'
import { actionPasswordFile } from './postgres/action-password-file.ts'
import { openActionSession } from './postgres/action-session.ts'
import type { ConnectionSlots } from './postgres/connection-slots.ts'
import { serverOptions, serversOf } from './sources.ts'

/** Servers by their ins label; a pooler beside a server of the same label has its port behind it. */
export function targetsOf(
  config: AgentConfig,
  { clock, slotsOf }: { clock: Clock; slotsOf: (server: ServerConfig | PoolerConfig) => ConnectionSlots },
): readonly Target[] {
  const targets: Target[] = []
  const add = (server: ServerConfig | PoolerConfig, kind: Target['kind']) => {
    const { identity, ...reached } = serverOptions(config, server)
    // actions.postgres_url is the way to postgres.url's server, and to no other.
    const isOnly = kind === 'postgres' && config.servers.length === 0
    const url = server.actions_url ?? (isOnly ? config['actions.postgres_url'] : undefined)
    const ins = `${identity.cluster}-${identity.seq}`
    const name = targets.some((other) => other.server === ins)
      ? `${ins}:${new URL(reached.url).port || '6432'}`
      : ins
    const ownFile = server.actions_password_file ?? config['actions.password_file']
    targets.push({
      server: name,
      kind,
      open: async (timeoutMs, how = {}) =>
        openActionSession({
          ...reached,
          ...how,
          ...(url === undefined ? {} : { url }),
          passwordFile: actionPasswordFile(ownFile, url, reached),
          console: kind === 'pgbouncer',
          slots: slotsOf(server),
          clock,
          timeoutMs,
        }),
    })
  }
  for (const server of serversOf(config)) add(server, 'postgres')
  for (const pooler of config.poolers) add(pooler, 'pgbouncer')
  return targets
}
