import { constants } from './constants.ts'
import type { PoolLoad } from './pool-load.ts'
import type { PooledServer } from './pooler-seen.ts'

/** How many connections of a server its pools may have together, and how that was counted. */
export interface Capacity {
  readonly connections: number
  readonly counted: string
}

export function capacityOf(server: PooledServer, pools: readonly PoolLoad[]): Capacity {
  const { maxConnections, reserved, clientBackends } = server
  const pooled = pools.reduce((sum, { held }) => sum + held, 0)
  const others = Math.max(0, (clientBackends ?? 0) - pooled)
  const beside = Math.ceil(others * constants.othersRoom)
  const connections = Math.max(0, maxConnections - reserved - beside - constants.spare)
  const seen =
    clientBackends === null ? 'none are known beside the pools' : `${beside} for ${others} beside the pools`
  return {
    connections,
    counted: `${maxConnections} of max_connections without ${reserved} reserved, ${seen}, and ${constants.spare} to spare`,
  }
}

/** What the pools take when each has all that it may. */
export function mostOf(
  pools: readonly PoolLoad[],
  size: (pool: PoolLoad) => number = (pool) => pool.size,
): number {
  return pools.reduce((sum, pool) => sum + size(pool) + pool.reserve, 0)
}
