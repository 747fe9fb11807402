import type { Proposal } from '../../../common/tuning/proposal.ts'
import { mostOf } from './capacity.ts'
import type { Capacity } from './capacity.ts'
import type { PoolLoad } from './pool-load.ts'
import { wishFor } from './pool-size.ts'
import type { PoolWish } from './pool-size.ts'
import type { PoolerConfig } from './pooler-config.ts'
import type { PooledServer } from './pooler-seen.ts'

interface Wished {
  readonly pool: PoolLoad
  readonly wish: PoolWish
}

export interface PoolSizes {
  readonly proposals: readonly Proposal[]
  readonly notes: readonly string[]
  /** What the pools take with that, when each has all that it may. */
  readonly together: number
}

const why = {
  evidence: 'SHOW POOLS and SHOW STATS; pgbouncer_pool_waiting_clients, pgbouncer_pool_maxwait',
  confidence: 'low',
} as const
const upText = {
  ...why,
  confidence: 'medium',
  risk: 'so many more transactions run at once, which wait for each other in the server where it has no room for them',
  effect: 'clients wait less for a connection',
} as const
const downText = {
  ...why,
  risk: 'a peak that was not seen has clients wait: the seconds that were looked at say little of a week',
  effect: 'the server keeps connections for others, and a burst makes fewer of them at once',
} as const

/** One step for each pool that is too small or too large, never to more together than the server has for them. */
export function poolSizes(
  pools: readonly PoolLoad[],
  options: {
    readonly server: PooledServer
    readonly capacity: Capacity
    readonly config: PoolerConfig
    readonly looks: number
  },
): PoolSizes {
  const { server, capacity, config, looks } = options
  const standard = config.number('default_pool_size') ?? 20
  const wished = pools.map((pool) => ({ pool, wish: wishFor(pool, server, looks) }))
  const notes = wished.flatMap(({ wish }) => (wish.way === 'stay' && wish.note ? [wish.note] : []))
  const shared = wished.filter(({ pool }) => pool.size === standard)
  const sizes = new Map(pools.map((pool) => [pool, pool.size]))
  const proposals: Proposal[] = []
  const fits = (changed: ReadonlyMap<PoolLoad, number>): boolean =>
    mostOf(pools, (pool) => changed.get(pool) ?? pool.size) <= capacity.connections

  const general = standardFor(shared)
  const withGeneral = new Map([
    ...sizes,
    ...shared.map(({ pool }) => [pool, general?.wish.size ?? standard] as const),
  ])
  const isGeneral = general !== undefined && (general.wish.way === 'down' || fits(withGeneral))
  if (general !== undefined && isGeneral) {
    const { wish } = general
    const found = config.propose('default_pool_size', wish.size, {
      ...(wish.way === 'up' ? upText : downText),
      reason: reasonOf(wish, capacity),
    })
    if (found !== undefined) proposals.push(found)
    for (const { pool } of shared) sizes.set(pool, wish.size)
  }
  for (const { pool, wish } of wished) {
    if (wish.way === 'stay' || (isGeneral && pool.size === standard)) continue
    // Of several that share a size only those that wait are worth a line of their own.
    if (wish.way === 'down' && pool.size === standard) continue
    const alone = new Map([...sizes, [pool, wish.size] as const])
    if (wish.way === 'up' && !fits(alone)) {
      notes.push(
        `${wish.reason}; there is no room for more: all pools may take ${mostOf(pools)} of ${capacity.connections} connections (${capacity.counted})`,
      )
      continue
    }
    sizes.set(pool, wish.size)
    proposals.push({
      ...(wish.way === 'up' ? upText : downText),
      parameter: 'pool_size',
      target: `database ${pool.database}`,
      current: String(pool.size),
      proposed: String(wish.size),
      reason: reasonOf(wish, capacity),
      needs: 'reload',
      rule: 'pooler.pool_size',
    })
  }
  return {
    proposals: unique(proposals),
    notes,
    together: mostOf(pools, (pool) => sizes.get(pool) ?? pool.size),
  }
}

/** What those that share default_pool_size want together: more if one does, less only if all do. */
function standardFor(shared: readonly Wished[]): Wished | undefined {
  const largest = (some: readonly Wished[]): Wished | undefined =>
    some.toSorted((a, b) => b.wish.size - a.wish.size)[0]
  const ups = shared.filter(({ wish }) => wish.way === 'up')
  if (ups.length > 0) return largest(ups)
  return shared.length > 0 && shared.every(({ wish }) => wish.way === 'down') ? largest(shared) : undefined
}

function reasonOf(wish: PoolWish, { connections, counted }: Capacity): string {
  const reason = 'reason' in wish ? wish.reason : ''
  return wish.way === 'up' ? `${reason}; the server has ${connections} for pools (${counted})` : reason
}

/** Users of one database share its pool_size. */
function unique(proposals: readonly Proposal[]): readonly Proposal[] {
  const byTarget = Map.groupBy(proposals, ({ parameter, target }) => `${parameter}\0${target ?? ''}`)
  return [...byTarget.values()].map(
    (some) => some.toSorted((a, b) => Number(b.proposed) - Number(a.proposed))[0]!,
  )
}
