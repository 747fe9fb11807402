import { quantile } from './measure.ts'
import type { Cost, Watched } from './measure.ts'

export interface PeerFigures {
  readonly costs: readonly Cost[]
  /** By job. */
  readonly series: ReadonlyMap<string, number>
  /** Seconds of each scrape by job, smallest first. */
  readonly durations: ReadonlyMap<string, readonly number[]>
  readonly server: NonNullable<Watched['server']>
}

export interface AgentFigures {
  readonly cost: Cost
  /** By job and ins, with a space between: by source. */
  readonly series: ReadonlyMap<string, number>
  readonly durations: ReadonlyMap<string, readonly number[]>
  readonly server: Watched['server']
  readonly eventLoopDelayMs: number
}

export interface Verdict {
  readonly bar: string
  readonly measured: string
  readonly met: boolean
}

/** What the peers took when they were first measured, on a quiet machine: the sum of their resident memory. */
const mostResidentMib = 87

export function total(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}

/**
 * What the agent promises, and whether this run keeps it. What a ttl serves again costs the server nothing at a scrape a
 * second, so what it costs there and how long it takes is asked of the scrapes every ten seconds.
 */
export function bars(run: {
  peers: PeerFigures
  agent: AgentFigures
  atTenSeconds: AgentFigures
  manyServers: AgentFigures
}): readonly Verdict[] {
  const { agent, atTenSeconds, manyServers, peers } = run
  const server = [...atTenSeconds.series.keys()].find((source) => /^pgsql .*-1$/.test(source)) ?? ''
  const peersCpu = total(peers.costs.map(({ cpuMs }) => cpuMs))
  const peersSeries = total(peers.series.values())
  // Its own figures are not what it is there for.
  const exposed = total(
    [...agent.series].map(([source, count]) => (source.startsWith('pgherd ') ? 0 : count)),
  )
  const exporterSeries = peers.series.get('postgres_exporter') ?? Number.NaN
  const perExporterSeries = (peers.server.statementsMs * 1000) / exporterSeries
  const perAgentSeries =
    ((atTenSeconds.server?.statementsMs ?? Number.NaN) * 1000) /
    (atTenSeconds.series.get(server) ?? Number.NaN)
  const slowest = quantile(atTenSeconds.durations.get(server) ?? [], 0.99) * 1000
  const below = (bar: string, value: number, limit: number, unit: string): Verdict => ({
    bar,
    measured: `${value.toFixed(1)} of ${limit.toFixed(1)} ${unit}`,
    met: value <= limit,
  })
  return [
    below('resident memory, a scrape a second', agent.cost.mostResident, mostResidentMib, 'MiB'),
    below('resident memory, every ten seconds', atTenSeconds.cost.mostResident, mostResidentMib, 'MiB'),
    below("processor time per scrape below the peers' sum", agent.cost.cpuMs, peersCpu, 'ms'),
    {
      bar: "at least twice the peers' series",
      measured: `${exposed} of ${2 * peersSeries}`,
      met: exposed >= 2 * peersSeries,
    },
    below("time in the server per series below postgres_exporter's", perAgentSeries, perExporterSeries, 'us'),
    below('a full scrape of one server, 99th percentile', slowest, 250, 'ms'),
    below('event loop held up, 99th percentile', agent.eventLoopDelayMs, 20, 'ms'),
    below('resident memory with ten servers', manyServers.cost.mostResident, 200, 'MiB'),
  ]
}
