import type { Proposal } from '../../../common/tuning/proposal.ts'
import type { Capacity } from './capacity.ts'
import { constants } from './constants.ts'
import type { PoolLoad } from './pool-load.ts'
import type { PoolerConfig } from './pooler-config.ts'
import type { PooledServer, PoolerProcess } from './pooler-seen.ts'

export interface LimitsInput {
  readonly config: PoolerConfig
  readonly pools: readonly PoolLoad[]
  readonly server: PooledServer
  readonly capacity: Capacity
  /** What the pools take with what is proposed for their sizes, when each has all that it may. */
  readonly together: number
  readonly process: PoolerProcess | null
}

const inDocs = { evidence: 'SHOW CONFIG', confidence: 'medium' } as const

/** What bounds a pooler beside the sizes of its pools. */
export function poolerLimits(input: LimitsInput): {
  readonly proposals: readonly Proposal[]
  readonly notes: readonly string[]
} {
  const clients = clientLimit(input)
  const found = [reserve(input), databaseLimit(input), clients.proposal, ...timeouts(input), prepared(input)]
  return { proposals: found.filter((one) => one !== undefined), notes: clients.notes }
}

function reserve({ config, pools, capacity, together }: LimitsInput): Proposal | undefined {
  const [now, size] = [config.number('reserve_pool_size'), config.number('default_pool_size')]
  if (now !== 0 || size === undefined) return undefined
  const wanted = Math.max(1, Math.round(size * constants.reserveShare))
  if (together + wanted * pools.length > capacity.connections) return undefined
  return config.propose('reserve_pool_size', wanted, {
    ...inDocs,
    reason: `${wanted} more (${constants.reserveShare * 100} % of default_pool_size) for clients that have waited for reserve_pool_timeout (${config.number('reserve_pool_timeout') ?? constants.reserveTimeoutSeconds} s)`,
    risk: 'each pool may take so many connections more',
    effect: 'a short burst is served in place of waiting',
  })
}

/** Pools are those of each user on each database, so that sizes alone bound nothing. */
function databaseLimit({ config, pools, capacity, together }: LimitsInput): Proposal | undefined {
  const now = config.number('max_db_connections')
  const databases = new Set(pools.map(({ database }) => database)).size
  if (now === undefined || databases === 0) return undefined
  const share = Math.floor(capacity.connections / databases)
  // A limit below what the pools may have anyway would only move who waits.
  if (share * databases < together || share < 1 || (now > 0 && now <= share)) return undefined
  return config.propose('max_db_connections', share, {
    ...inDocs,
    reason: `${capacity.connections} connections are there for pools (${capacity.counted})${databases === 1 ? '' : `, of ${databases} databases`}, and each user has a pool of its own`,
    risk: 'clients of new users wait where they would have taken connections from everybody else',
    effect: 'pools never take the connections of others, whoever comes',
  })
}

function clientLimit({ config, pools, process, together }: LimitsInput): {
  readonly proposal: Proposal | undefined
  readonly notes: readonly string[]
} {
  const now = config.number('max_client_conn')
  if (now === undefined) return { proposal: undefined, notes: [] }
  const most = pools.reduce((sum, { mostClients }) => sum + mostClients, 0)
  const wanted = Math.ceil((most * constants.clientsRoom) / 100) * 100
  const isShort = now < most * constants.clientsRoom
  const clients = isShort ? wanted : now
  const files = clients + together + constants.filesBeside
  const limit = process?.openFileLimit ?? null
  return {
    proposal: isShort
      ? config.propose('max_client_conn', wanted, {
          ...inDocs,
          reason: `${most} clients at once were seen, and half as many more is room enough`,
          risk: `pgBouncer needs ${files} open files for it (LimitNOFILE)`,
          effect: 'clients are not turned away',
        })
      : undefined,
    notes:
      limit !== null && limit < files
        ? [
            `pgBouncer may have ${limit} files open and needs ${files} for ${clients} clients and the connections to the server: LimitNOFILE=${files} in its unit`,
          ]
        : [],
  }
}

function timeouts({ config, server }: LimitsInput): readonly (Proposal | undefined)[] {
  const waits = config.number('query_wait_timeout')
  const isShort = server.profile === 'oltp' || server.profile === 'crit'
  const wait = isShort ? constants.queryWaitSeconds.oltp : constants.queryWaitAlways
  const reserved = config.number('reserve_pool_timeout') ?? 0
  const lifetime = config.number('server_lifetime') ?? constants.serverLifetimeSeconds
  const idle = config.number('idle_transaction_timeout')
  return [
    waits !== undefined && (waits === 0 || waits > wait)
      ? config.propose('query_wait_timeout', wait, {
          ...inDocs,
          confidence: 'low',
          reason: `a client waits ${waits === 0 ? 'without end' : `${waits} s`} for a connection, when whoever asked it has long given up`,
          risk: 'clients get an error where they would have been served later',
          effect: 'an overload is seen at once, and does not grow',
        })
      : undefined,
    reserved > constants.reserveTimeoutSeconds
      ? config.propose('reserve_pool_timeout', constants.reserveTimeoutSeconds, {
          ...inDocs,
          reason: `clients wait ${reserved} s until the reserve is there for them`,
          risk: 'none beyond the connections of the reserve',
          effect: 'a burst is served sooner',
        })
      : undefined,
    lifetime === 0 || lifetime > constants.serverLifetimeSeconds
      ? config.propose('server_lifetime', constants.serverLifetimeSeconds, {
          ...inDocs,
          reason: `a connection lives ${lifetime === 0 ? 'without end' : `${lifetime} s`}, and its process in the server keeps what it has read of the catalog`,
          risk: 'a new connection in place of an old one each hour',
          effect: 'memory of sessions is given back',
        })
      : undefined,
    idle === 0 && server.idleTransactionMs > 0
      ? config.propose('idle_transaction_timeout', Math.ceil(server.idleTransactionMs / 1000), {
          ...inDocs,
          reason: 'the server ends such sessions by idle_in_transaction_session_timeout after the same time',
          risk: 'none that the server does not have already',
          effect: 'the client is told by the pooler, and its connection is free at once',
        })
      : undefined,
  ]
}

/** Since 1.21, which follow a client from one connection to another. */
function prepared({ config, pools }: LimitsInput): Proposal | undefined {
  if (config.number('max_prepared_statements') !== 0) return undefined
  if (!pools.some(({ mode }) => mode === 'transaction')) return undefined
  return config.propose('max_prepared_statements', constants.preparedStatements, {
    ...inDocs,
    reason: 'without it clients in transaction mode cannot keep statements that their driver prepares',
    risk: 'each connection to the server keeps so many statements in its memory',
    effect: 'drivers prepare statements once, and the server plans them less often',
  })
}
