import type { Verdict } from '../agent-cost/bars.ts'
import { quantile } from '../agent-cost/measure.ts'
import { askedBeforeSteady } from './ask.ts'
import type { Asked, QueryCost } from './ask.ts'
import type { Measured } from './measure.ts'
import { fewTimes, serverNames } from './measure.ts'
import type { Memory } from './process-figures.ts'
import type { Server } from './servers.ts'

type Row = Readonly<Record<string, string | number>>
type Name = Server['name']

const digits = (value: number, count: number): string => value.toFixed(count)

/** What a reader must know to compare the figures. */
export const conditions = `pgherd: an answer to a write means that its samples are written and synced; checksums, index, limits; no rules.
VictoriaMetrics and Prometheus: Debian's, as they come. VictoriaMetrics keeps samples in memory and writes them out every few
seconds; Prometheus writes its log and does not sync it before the answer.
CPU is user and system time of all threads of the server's process, from the first request until five seconds after the last, merges
included. Beside it with what the samples need afterwards to take the form whose size on disk is compared: pgherd's sealing and merging,
by a process that starts cold, and VictoriaMetrics' forced merge; Prometheus cannot be asked to. A server runs for months, so the
first and the last quarter of the load are shown too: the first has the compilers' warm-up. All servers are restarted before the
queries, and every query is asked a hundred times, then a hundred times more; answers are not compressed. "Steady" are a hundred
after ${askedBeforeSteady}, of one query: no bar goes by them, and they tell what is left when nothing has to be compiled any more.`

/** The same for a run of queries alone. */
export const queryConditions = `Queries alone, each asked ${fewTimes} times soon after a restart and ${fewTimes} times more, without Prometheus: a short look that
judges no bar. CPU is user and system time of all threads of the server's process; answers are not compressed.`

/** Samples per CPU second; with what was needed afterwards when there is any. */
export function samplesPerCpuSecond({ loads, compactSeconds }: Measured, name: Name, after: boolean): number {
  const load = loads.get(name)!
  return load.samples / (load.cpuSeconds + (after ? (compactSeconds.get(name) ?? 0) : 0))
}

export function printMeasured(measured: Measured): void {
  const { workload, loads, asked, bytesPerSample } = measured
  const rows: Record<string, Row> = {}
  for (const name of serverNames) {
    const load = loads.get(name)!
    rows[name] = {
      'M samples': digits(load.samples / 1e6, 2),
      'M/CPU s': digits(samplesPerCpuSecond(measured, name, false) / 1e6, 2),
      'first quarter': digits(load.quarters.first / 1e6, 2),
      'last quarter': digits(load.quarters.last / 1e6, 2),
      'final form too': digits(samplesPerCpuSecond(measured, name, true) / 1e6, 2),
      'M/s wall': digits(load.samples / load.wallSeconds / 1e6, 2),
      'request p50 ms': digits(quantile(load.requestMs, 0.5), 1),
      'request p99 ms': digits(quantile(load.requestMs, 0.99), 1),
      'resident MiB': memoryText(load.memory),
      'peak MiB': digits(load.memory.peak, 0),
      'after queries MiB': memoryText(measured.askedMemory.get(name)!),
      'bytes/sample': digits(bytesPerSample.get(name)!, 3),
    }
  }
  console.log(`\n${workload.name}, ${workload.hours} h, a sample every ${workload.intervalMs / 1000} s`)
  console.table(rows)
  for (const one of asked) printAsked(one)
}

/** What the queries of one workload cost, when nothing else was measured. */
export function printQueries({ workload, asked }: Measured): void {
  console.log(`\n${workload.name}, ${workload.hours} h, a sample every ${workload.intervalMs / 1000} s`)
  for (const one of asked) printAsked(one, true)
}

function printAsked({ query, costs, differences }: Asked, areFew = false): void {
  const costRows: Record<string, Row> = {}
  for (const [name, cost] of costs) costRows[name] = costRow(cost, areFew)
  console.log(`${query.name}: ${query.expression}`)
  console.table(costRows)
  for (const [name, { points, onlyOne, relative }] of differences) {
    console.log(
      `  against ${name}: ${points} points, ${onlyOne} only in one, largest relative difference ${relative.toExponential(1)}`,
    )
  }
}

/** What a program shares with others of its kind is told apart from its own. */
function memoryText({ resident, anonymous, file }: Memory): string {
  return `${digits(resident, 0)} (${digits(anonymous, 0)} anonymous, ${digits(file, 0)} file)`
}

/** @param areFew too few for the slowest of a hundred to be known */
function costRow({ first, then, steady }: QueryCost, areFew: boolean): Row {
  const at = (times: readonly number[], share: number): string => digits(quantile(times, share), 2)
  return {
    'first p50 ms': at(first.wallMs, 0.5),
    ...(areFew ? {} : { 'first p99 ms': at(first.wallMs, 0.99) }),
    'then p50 ms': at(then.wallMs, 0.5),
    ...(areFew ? {} : { 'then p99 ms': at(then.wallMs, 0.99) }),
    'first CPU p50 ms': at(first.cpuMs, 0.5),
    'then CPU p50 ms': at(then.cpuMs, 0.5),
    ...(steady === undefined
      ? {}
      : {
          'steady p50 ms': at(steady.wallMs, 0.5),
          ...(areFew ? {} : { 'steady p99 ms': at(steady.wallMs, 0.99) }),
          'steady CPU p50 ms': at(steady.cpuMs, 0.5),
        }),
  }
}

/** Whether this run meets what the collector promises, one verdict per bar. */
export function verdicts(all: readonly Measured[]): readonly Verdict[] {
  return all.flatMap((measured) => [...loadVerdicts(measured), ...queryVerdicts(measured)])
}

function loadVerdicts(measured: Measured): readonly Verdict[] {
  const { workload, loads, bytesPerSample } = measured
  const mine = samplesPerCpuSecond(measured, 'pgherd', true)
  const speed = (peer: Name, least: number): Verdict => {
    const ratio = mine / samplesPerCpuSecond(measured, peer, true)
    return {
      bar: `${workload.name}: samples per CPU second, final form included, at least ${least} x ${peer}`,
      measured: `${digits(ratio, 2)} x`,
      met: ratio >= least,
    }
  }
  const atMost = (what: string, value: number, peer: number, unit: string): Verdict => ({
    bar: `${workload.name}: ${what} at most VictoriaMetrics'`,
    measured: `${digits(value / peer, 2)} x (${digits(value, 2)} of ${digits(peer, 2)} ${unit})`,
    met: value <= peer,
  })
  return [
    speed('VictoriaMetrics', 1),
    speed('Prometheus', 3),
    atMost('disk per sample', bytesPerSample.get('pgherd')!, bytesPerSample.get('VictoriaMetrics')!, 'bytes'),
    atMost(
      'resident memory after the load',
      loads.get('pgherd')!.memory.resident,
      loads.get('VictoriaMetrics')!.memory.resident,
      'MiB',
    ),
  ]
}

function queryVerdicts({ asked }: Measured): readonly Verdict[] {
  return asked.flatMap(({ query, costs }) => {
    const mine = costs.get('pgherd')!
    const peer = costs.get('VictoriaMetrics')!
    return (['first', 'then'] as const).flatMap((part) =>
      [0.5, 0.99].map((share): Verdict => {
        const [value, limit] = [quantile(mine[part].wallMs, share), quantile(peer[part].wallMs, share)]
        const when = part === 'first' ? 'soon after a restart' : 'afterwards'
        return {
          bar: `${query.name}, ${when}: p${share * 100} at most VictoriaMetrics'`,
          measured: `${digits(value / limit, 2)} x (${digits(value, 2)} of ${digits(limit, 2)} ms)`,
          met: value <= limit,
        }
      }),
    )
  })
}
