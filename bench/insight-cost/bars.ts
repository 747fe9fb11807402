import type { Measured, ResidentMib } from './measure.ts'

export interface Verdict {
  readonly bar: string
  readonly measured: string
  readonly met: boolean
}

/** What is done once is spread over so long: what is done each hour, at least. */
const hourSeconds = 3_600
/** Of one core. */
const mostPercent = 1
const mostSeries = 2_000
/** To which every statement is limited. */
const limitMs = 2_000

/** Resident in an agent with all of insight, and nothing else; its unit has MemoryHigh=224M. */
const mostSteadyMib = 110
const mostPeakMib = 150

/** What insight costs beyond the agent without it. */
export interface Added {
  readonly name: string
  /** Percent of one core, while nothing is done for the first time. */
  readonly serverPercent: number
  readonly agentPercent: number
  /** Milliseconds that are spent once, after the start or each hour. */
  readonly serverOnceMs: number
  readonly agentOnceMs: number
  /** Percent of one core over an hour, with both. */
  readonly serverAverage: number
  readonly agentAverage: number
  readonly statementsPercent: number
  readonly series: number
  readonly steadyMib: number
  readonly slowestMs: number
}

export function addedBy(run: Measured, without: Measured): Added {
  const rate = (of: Measured, key: 'serverMs' | 'agentMs' | 'statementsMs'): number =>
    of.steady[key] / of.steady.seconds
  const once = (of: Measured, key: 'serverMs' | 'agentMs'): number =>
    of.first[key] - rate(of, key) * of.first.seconds
  const serverRate = rate(run, 'serverMs') - rate(without, 'serverMs')
  const agentRate = rate(run, 'agentMs') - rate(without, 'agentMs')
  const serverOnceMs = Math.max(0, once(run, 'serverMs') - once(without, 'serverMs'))
  const agentOnceMs = Math.max(0, once(run, 'agentMs') - once(without, 'agentMs'))
  // A millisecond per second is a tenth of a percent.
  const percent = (msPerSecond: number): number => msPerSecond / 10
  return {
    name: run.name,
    serverPercent: percent(serverRate),
    agentPercent: percent(agentRate),
    serverOnceMs,
    agentOnceMs,
    serverAverage: percent(serverRate + serverOnceMs / hourSeconds),
    agentAverage: percent(agentRate + agentOnceMs / hourSeconds),
    statementsPercent: percent(rate(run, 'statementsMs') - rate(without, 'statementsMs')),
    series: run.series - without.series,
    steadyMib: run.memory.mostSteady - without.memory.mostSteady,
    slowestMs: Math.max(0, ...run.statements.map(({ maxMs }) => maxMs)),
  }
}

/** @param memory of the whole agent */
export function bars(added: Added, memory: ResidentMib): readonly Verdict[] {
  const below = (bar: string, value: number, limit: number, unit: string, digits: number): Verdict => ({
    bar,
    measured: `${value.toFixed(digits)} of ${limit} ${unit}`,
    met: value <= limit,
  })
  return [
    below('processor time on the server', added.serverAverage, mostPercent, '% of a core', 2),
    below('processor time of the agent', added.agentAverage, mostPercent, '% of a core', 2),
    below('series added', added.series, mostSeries, 'series', 0),
    below('the slowest statement', added.slowestMs, limitMs, 'ms', 0),
    below('resident once all was told', memory.mostSteady, mostSteadyMib, 'MiB', 1),
    below('resident at any time', memory.peak, mostPeakMib, 'MiB', 1),
  ]
}
