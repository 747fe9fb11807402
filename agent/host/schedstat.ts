import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import { createLabelCache } from './labels.ts'
import { numberOf, scaled } from './table.ts'

const metrics = [
  'node_schedstat_running_seconds_total',
  'node_schedstat_waiting_seconds_total',
  'node_schedstat_timeslices_total',
]
const labelNames = ['cpu']
const cpuLine = /^cpu(\d+)((?: \d+)+)$/gm

/** Reads /proc/schedstat (scheduler/sched-stats.rst): nanoseconds on and before the CPU, and how many turns. */
export function createSchedstatParser(): (text: string) => readonly SampleTable[] {
  const labels = createLabelCache()
  return (text) => {
    const rows: SampleRow[] = []
    for (const [, cpu, counts] of text.matchAll(cpuLine)) {
      const fields = counts!.split(' ')
      const [running, waiting, timeslices] = [numberOf(fields[7]), numberOf(fields[8]), numberOf(fields[9])]
      rows.push({
        labels: labels.of(cpu!),
        values: [scaled(running, 1e-9), scaled(waiting, 1e-9), timeslices],
      })
    }
    labels.turn()
    return [{ metrics, labelNames, rows }]
  }
}
