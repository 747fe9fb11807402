import type { AdvisedPart } from '../advised-part.ts'
import { capacityOf, mostOf } from './capacity.ts'
import { constants } from './constants.ts'
import { poolLoads } from './pool-load.ts'
import type { PoolLoad } from './pool-load.ts'
import { poolSizes } from './pool-sizes.ts'
import { poolerConfig } from './pooler-config.ts'
import { poolerLimits } from './pooler-limits.ts'
import type { PooledServer, PoolerSeen } from './pooler-seen.ts'

/** What a pgBouncer in front of a server should have otherwise, by what it does and what the server has for it. Pure. */
export function advisePooler(seen: PoolerSeen, server: PooledServer): AdvisedPart {
  const pools = poolLoads(seen)
  const capacity = capacityOf(server, pools)
  const config = poolerConfig(seen.config)
  const sizes = poolSizes(pools, { server, capacity, config, looks: seen.looks.length })
  const { process } = seen
  const limits = poolerLimits({ config, pools, server, capacity, process, together: sizes.together })
  const most = mostOf(pools)
  const tooMany =
    most > capacity.connections
      ? [
          `all pools of pgBouncer together may take ${most} connections, of ${capacity.connections} that the server has for them (${capacity.counted})`,
        ]
      : []
  return {
    proposals: [...sizes.proposals, ...limits.proposals],
    notes: [...tooMany, ...sizes.notes, ...limits.notes, ...busy(seen), ...sessionMode(pools)],
  }
}

function busy({ process }: PoolerSeen): readonly string[] {
  const share = process?.busyShare ?? 0
  if (share <= constants.busyProcess) return []
  return [
    `pgBouncer takes ${Math.round(share * 100)} % of the one processor that it can use: several processes on one port (so_reuseport=1), each with its part of the sizes of the pools, take more`,
  ]
}

function sessionMode(pools: readonly PoolLoad[]): readonly string[] {
  const names = pools
    .filter(({ mode, mostClients, size }) => mode === 'session' && mostClients > size)
    .map(({ user, database }) => `${user} on ${database}`)
  if (names.length === 0) return []
  return [
    `in session mode a client keeps its connection until it leaves (${names.join(', ')}): pool_mode=transaction shares them, unless clients use SET, LISTEN, temporary tables, advisory locks of sessions or cursors WITH HOLD`,
  ]
}
