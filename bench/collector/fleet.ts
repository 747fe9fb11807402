import { labelSet } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'

/** Series of one sender in the order in which it sends them, and the values of their next samples. */
export interface FleetGroup {
  readonly series: readonly LabelSet[]
  readonly values: Float64Array
  /** Moves every value on by one scrape. */
  advance(): void
}

type Kind = 'fast counter' | 'slow counter' | 'pages' | 'milliseconds' | 'rows' | 'constant'

/** What an agent says of a table: four counters, sizes, decimals, and values that hardly ever change. */
const metrics: readonly (readonly [name: string, kind: Kind])[] = [
  ['pg_table_seq_scan', 'slow counter'],
  ['pg_table_idx_scan', 'fast counter'],
  ['pg_table_tup_upd', 'fast counter'],
  ['pg_table_tup_read', 'fast counter'],
  ['pg_table_relsize', 'pages'],
  ['pg_table_query_mean_ms', 'milliseconds'],
  ['pg_table_lock_wait_ms', 'milliseconds'],
  ['pg_table_n_dead_tup', 'rows'],
  ['pg_table_n_shared_buffers', 'constant'],
  ['pg_table_is_partition', 'constant'],
]

export const metricsPerTable = metrics.length
/** A counter that every table has. */
export const counterName = metrics[1]![0]

const tablesPerServer = 100

/**
 * `seriesCount` series of PostgreSQL servers, in groups of `perGroup`: the series of one request. The same arguments give
 * the same series and the same values.
 */
export function createFleet(seriesCount: number, perGroup: number): readonly FleetGroup[] {
  const groups: FleetGroup[] = []
  for (let first = 0; first < seriesCount; first += perGroup) {
    const count = Math.min(perGroup, seriesCount - first)
    const series = Array.from({ length: count }, (_, i) => labelsOfSeries(first + i))
    groups.push(createGroup(series, first))
  }
  return groups
}

/** A metric of all tables of a server, then the next metric: the order in which an agent sends them. */
export function labelsOfSeries(index: number): LabelSet {
  const perServer = tablesPerServer * metricsPerTable
  const server = Math.floor(index / perServer)
  const metric = Math.floor((index % perServer) / tablesPerServer)
  const table = index % tablesPerServer
  const cluster = `pg-${Math.floor(server / 2)}`
  const ip = `10.${server >> 16}.${(server >> 8) & 255}.${server & 255}`
  return labelSet({
    __name__: metrics[metric]![0],
    job: 'pgsql',
    cls: cluster,
    ins: `${cluster}-${(server % 2) + 1}`,
    ip,
    instance: `${ip}:9630`,
    datname: 'orders',
    relname: `public.order_lines_${table}`,
  })
}

function createGroup(series: readonly LabelSet[], first: number): FleetGroup {
  const values = new Float64Array(series.length)
  const random = createRandom(first + 1)
  const kinds = series.map((_, i) => {
    const metric = Math.floor(((first + i) % (tablesPerServer * metricsPerTable)) / tablesPerServer)
    return metrics[metric]![1]
  })
  for (let i = 0; i < values.length; i++)
    values[i] = Math.floor(random() * 1e6) * (kinds[i] === 'pages' ? 8192 : 1)
  return {
    series,
    values,
    advance() {
      for (let i = 0; i < values.length; i++) values[i] = next(kinds[i]!, values[i]!, i, random)
    },
  }
}

function next(kind: Kind, value: number, index: number, random: () => number): number {
  switch (kind) {
    case 'slow counter':
      return value + (random() < 0.2 ? 1 : 0)
    case 'fast counter':
      return value + Math.floor(random() * 10 ** (1 + (index % 4)))
    case 'pages':
      return random() < 0.3 ? Math.max(0, value + Math.floor(random() * 9 - 3) * 8192) : value
    case 'milliseconds':
      return Math.max(0, Math.round((value + (random() - 0.5) * 4) * 1000) / 1000)
    case 'rows':
      return random() < 0.02 ? 0 : value + Math.floor(random() * 50)
    case 'constant':
      return value
  }
}

/** A linear congruential generator with the constants of Numerical Recipes: between 0 and 1, 1 left out. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
