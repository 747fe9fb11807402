import { total } from './bars.ts'
import type { AgentFigures, PeerFigures, Verdict } from './bars.ts'
import { quantile } from './measure.ts'
import type { Cost } from './measure.ts'

type Row = Readonly<Record<string, string | number>>

const round = (value: number): number => Math.round(value * 10) / 10

function costs({ cpuMs, memory, mostResident }: Cost): Row {
  return {
    'resident MiB': round(memory.resident),
    'at most': round(mostResident),
    'proportional MiB': round(memory.proportional),
    'CPU ms': round(cpuMs),
  }
}

function scrapes(seconds: readonly number[] | undefined): Row {
  if (seconds === undefined) return {}
  return { 'p50 ms': round(quantile(seconds, 0.5) * 1000), 'p99 ms': round(quantile(seconds, 0.99) * 1000) }
}

function servers(server: AgentFigures['server']): Row {
  if (server === undefined) return {}
  return { 'statements ms': round(server.statementsMs), 'backends CPU ms': round(server.cpuMs) }
}

/** One row per program and their sum. */
export function printPeers({ costs: all, durations, series, server }: PeerFigures): void {
  const rows: Record<string, Row> = {}
  for (const cost of all) {
    rows[cost.name] = {
      ...costs(cost),
      series: series.get(cost.name) ?? '',
      ...scrapes(durations.get(cost.name)),
      ...(cost.name === 'postgres_exporter' ? servers(server) : {}),
    }
  }
  rows['all of them'] = {
    'resident MiB': round(total(all.map(({ memory }) => memory.resident))),
    'at most': round(total(all.map(({ mostResident }) => mostResident))),
    'proportional MiB': round(total(all.map(({ memory }) => memory.proportional))),
    'CPU ms': round(total(all.map(({ cpuMs }) => cpuMs))),
    series: total(series.values()),
  }
  console.log('\nthe peers, per scrape, a scrape a second')
  console.table(rows)
}

/** One row for the process and one per source. */
export function printAgent(
  { cost, durations, eventLoopDelayMs, series, server }: AgentFigures,
  what: string,
): void {
  const rows: Record<string, Row> = {}
  for (const [job, count] of [...series].sort(([a], [b]) => a.localeCompare(b))) {
    rows[job] = { series: count, ...scrapes(durations.get(job)) }
  }
  rows['the process'] = {
    ...costs(cost),
    series: total(series.values()),
    ...servers(server),
    'event loop p99 ms': round(eventLoopDelayMs),
  }
  console.log(`\n${what}, per scrape`)
  console.table(rows)
}

export function printBars(verdicts: readonly Verdict[]): void {
  console.log()
  for (const { bar, measured, met } of verdicts) {
    console.log(`${met ? 'PASS' : 'FAIL'}  ${bar}: ${measured}`)
  }
}
